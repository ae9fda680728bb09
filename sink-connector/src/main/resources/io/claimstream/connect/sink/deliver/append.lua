-- SPDX-License-Identifier: Apache-2.0
-- Appends the records of one topic-partition that lie above its stored position, and moves the
-- position with them. Stops at the first record that cannot be appended. Calls are sent without
-- waiting for each other's replies: one does nothing unless the one before it did all.
--
-- KEYS  the stream, the hash of positions
-- ARGV  the topic-partition
--       the offset that the calls before end with, or -1
--       the newest timestamp in the calls before, or -1
--       for each record: offset, timestamp, number of parts, parts (name, value, ...)
-- Returns how many records are in the stream now, how many of those were appended by this call, and
-- why the next one is not: an error, or nothing.
--
-- A position is '<offset of the last record> <newest timestamp seen>', -1 where there is none.
local NONE = '-1 -1'

local field = ARGV[1]
local stored = redis.pcall('HGET', KEYS[2], field) or NONE
if type(stored) == 'table' then
  return {0, 0, stored.err}
end
local last, newest = string.match(stored, '^(-?%d+) (-?%d+)$')
if not last then
  return {0, 0, 'UNREADABLE'}
end

-- the timestamp too: a topic that was made anew stops calls whose offsets are covered
if tonumber(last) < tonumber(ARGV[2]) or tonumber(newest) < tonumber(ARGV[3]) then
  return {0, 0, ''}
end

-- shows before anything is appended that the position can be written; after the first write of a
-- script Redis no longer refuses the next ones for want of memory or replicas
local probe = redis.pcall('HSET', KEYS[2], field, stored)
if type(probe) == 'table' then
  return {0, 0, probe.err}
end

-- locals are found sooner than globals, and each number is made of its text once
local try, number, stream, arguments = redis.pcall, tonumber, KEYS[1], ARGV
local lastNumber, newestNumber = number(last), number(newest)
local dealtWith, appended, failure = 0, 0, ''
local i, count = 4, #arguments
while i <= count do
  local offset, timestamp = number(arguments[i]), number(arguments[i + 1])
  local ends = i + 2 + number(arguments[i + 2])
  local isNewer = timestamp > newestNumber
  if offset > lastNumber then
    if isNewer then
      newest, newestNumber = arguments[i + 1], timestamp
    end
    local reply = try('XADD', stream, '*', unpack(arguments, i + 3, ends))
    if type(reply) == 'table' then
      failure = reply.err
      break
    end
    last, lastNumber = arguments[i], offset
    appended = appended + 1
  elseif isNewer and newestNumber >= 0 then
    failure = 'RECREATED'
    break
  end
  dealtWith = dealtWith + 1
  i = ends + 1
end
redis.call('HSET', KEYS[2], field, last .. ' ' .. newest)
return {dealtWith, appended, failure}
