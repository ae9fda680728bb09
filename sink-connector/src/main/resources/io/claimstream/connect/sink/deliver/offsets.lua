-- Writes records of one topic-partition and moves its stored offset with them, in one atomic step,
-- if the stored offset is the expected one. Otherwise returns the stored one and does nothing.
-- Calls are sent without waiting for each other's replies: each expects what the one before leaves.
-- Goes after a script that defines write(), and what it tells: done, how many records it has
-- written; failure, why it has not written the next one.
-- Packed words are MessagePack strings, one after the other: Redis hands a few long arguments to a
-- script, and the script unpacks them, in less time than it takes to hand over each word.
--
-- KEYS  as write() needs them, then the hash of stored offsets
-- ARGV  the topic-partition
--       the expected value; empty if there must be none, and then no records follow
--       the offset to store once all records are written
--       what to store behind an offset
--       the offset of each record, separated by blanks
--       the records
-- Returns how many records were written, or -1 if the stored offset was another; the value that is
-- stored now; and why the next record was not written: an error, or nothing.
local offsets, field, expected, rest = KEYS[#KEYS], ARGV[1], ARGV[2], ARGV[4]
local stored = redis.pcall('HGET', offsets, field) or ''
if type(stored) == 'table' then
  return {0, '', stored.err}
end
if stored ~= expected then
  return {-1, stored, ''}
end

-- shows before anything is written that the offset can be; after the first write of a script Redis
-- no longer refuses the next ones for want of memory or replicas
local final = ARGV[3] .. ' ' .. rest
local written = redis.pcall('HSET', offsets, field, stored == '' and final or stored)
if type(written) == 'table' then
  return {0, stored, written.err}
end

-- whatever goes wrong, the stored offset is that of the last record that was written
local isRun, thrown = pcall(write)
if not isRun then
  failure = type(thrown) == 'table' and thrown.err or tostring(thrown)
end
local value = final
if failure ~= '' then
  local last, left = string.match(expected, '^%S+'), done
  for offset in string.gmatch(ARGV[5], '%S+') do
    if left == 0 then
      break
    end
    last, left = offset, left - 1
  end
  value = last .. ' ' .. rest
end
redis.call('HSET', offsets, field, value)
return {done, value, failure}
