-- SPDX-License-Identifier: Apache-2.0
-- Appends records of one topic-partition and moves its stored offset with them, in one atomic step,
-- if the stored offset is the expected one. Otherwise returns the stored one and does nothing.
-- Calls are sent without waiting for each other's replies: each expects what the one before leaves.
--
-- KEYS  the stream, the hash of stored offsets
-- ARGV  the topic-partition
--       the expected value; empty if there must be none, and then no records follow
--       the offset to store once all records are appended
--       what to store behind an offset
--       for each record: offset, number of parts, parts (name, value, ...)
-- Returns how many records were appended, or -1 if the stored offset was another; the value that is
-- stored now; and why the next record was not appended: an error, or nothing.
local field, expected, rest = ARGV[1], ARGV[2], ARGV[4]
local stored = redis.pcall('HGET', KEYS[2], field) or ''
if type(stored) == 'table' then
  return {0, '', stored.err}
end
if stored ~= expected then
  return {-1, stored, ''}
end

-- shows before anything is appended that the offset can be written; after the first write of a
-- script Redis no longer refuses the next ones for want of memory or replicas
local done = ARGV[3] .. ' ' .. rest
local written = redis.pcall('HSET', KEYS[2], field, stored == '' and done or stored)
if type(written) == 'table' then
  return {0, stored, written.err}
end

local appended, last, failure = 0, string.match(expected, '^%S+'), ''
local function append()
  -- locals are found sooner than globals
  local try, number, stream, arguments = redis.pcall, tonumber, KEYS[1], ARGV
  local i, count = 5, #arguments
  while i <= count do
    local ends = i + 1 + number(arguments[i + 1])
    local reply = try('XADD', stream, '*', unpack(arguments, i + 2, ends))
    if type(reply) == 'table' then
      failure = reply.err
      return
    end
    appended, last = appended + 1, arguments[i]
    i = ends + 1
  end
end

-- whatever goes wrong, the stored offset is that of the last record that was appended
local isRun, thrown = pcall(append)
if not isRun then
  failure = type(thrown) == 'table' and thrown.err or tostring(thrown)
end
local value = failure == '' and done or last .. ' ' .. rest
redis.call('HSET', KEYS[2], field, value)
return {appended, value, failure}
