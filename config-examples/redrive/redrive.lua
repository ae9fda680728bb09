-- SPDX-License-Identifier: Apache-2.0
-- Puts dead letters of the source back into the stream they came from, once the cause is gone.
-- Each is put back once, however often this is run; the dead letters stay where they are, and a
-- hash remembers under which id each of them was put back.
--
--   redis-cli --eval redrive.lua claims:failed claims:events 'claimstream:v1:redriven:{claims:failed}' , - + 1000
--
-- KEYS  the stream of dead letters, the stream to put them back into, the hash
-- ARGV  first and last id of the dead letters to look at ('-' and '+' for all), how many to look at,
--       then any number of <field> <value> that a dead letter must have, such as: error_stage decode
-- Returns how many were put back, how many had been before, how many were passed over (of another
--       stream, without one of the values asked for, no dead letter of a source, or with more than
--       3,900 fields), and the id to go on after: empty when there are no more
local LARGEST = 7800

local function hasAll(fields)
  for a = 4, #ARGV, 2 do
    local found = false
    for f = 1, #fields, 2 do
      if fields[f] == ARGV[a] and fields[f + 1] == ARGV[a + 1] then
        found = true
      end
    end
    if not found then
      return false
    end
  end
  return true
end

-- what the connector added comes last and begins with these two
local function originalOf(fields)
  for f = #fields - 1, 1, -2 do
    if fields[f] == 'error_stream' and fields[f + 2] == 'error_id' then
      return f - 1, fields[f + 1]
    end
  end
  return 0, nil
end

local letters = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
local putBack, before, passedOver = 0, 0, 0
for _, letter in ipairs(letters) do
  local id, fields = letter[1], letter[2]
  local length, stream = originalOf(fields)
  if length == 0 or length > LARGEST or stream ~= KEYS[2] or not hasAll(fields) then
    passedOver = passedOver + 1
  elseif redis.call('HEXISTS', KEYS[3], id) == 1 then
    before = before + 1
  else
    local again = redis.call('XADD', KEYS[2], '*', unpack(fields, 1, length))
    redis.call('HSET', KEYS[3], id, again)
    putBack = putBack + 1
  end
end
local last = ''
if #letters == tonumber(ARGV[3]) then
  last = letters[#letters][1]
end
return {putBack, before, passedOver, last}
