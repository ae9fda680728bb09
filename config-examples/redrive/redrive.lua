-- SPDX-License-Identifier: Apache-2.0
-- Puts dead letters of the source back into the stream they came from, once the cause is gone.
-- Each failed entry is put back once, however often this is run and however many dead letters it
-- has; the dead letters stay where they are.
--
--   redis-cli --eval redrive.lua claims:failed claims:events \
--     'claimstream:v1:redriven:{claims:events}' , - + 1000
--
-- KEYS  the stream of dead letters, the stream to put them back into, the hash that remembers which
--       of its entries were put back, and as which new entry
-- ARGV  first and last id of the dead letters to look at ('-' and '+' for all), how many to look
--       at, and then any number of
--         where <field> <value>  only dead letters that have it, such as: where error_stage decode
--         set <field> <value>    put back with this value, whether the field was there or not
--         unset <field>          put back without this field
-- Returns one line for each figure: how many were put back, how many had been before, how many were
--       left out and why, and the id to go on after ('nothing' when there are no more)
local MOST = 7800 -- names and values that one XADD of a script can take

local wanted, values, removed = {}, {}, {}
local a = 4
while a <= #ARGV do
  local word, field, value = ARGV[a], ARGV[a + 1], ARGV[a + 2]
  if word == 'where' and value then
    wanted[#wanted + 1] = {field, value}
    a = a + 3
  elseif word == 'set' and value then
    values[#values + 1] = {field, value}
    a = a + 3
  elseif word == 'unset' and field then
    removed[field] = true
    a = a + 2
  else
    return redis.error_reply("ERR expected 'where <field> <value>', 'set <field> <value>' or"
      .. " 'unset <field>', not '" .. word .. "'")
  end
end

local function has(fields, field, value)
  for f = 1, #fields, 2 do
    if fields[f] == field and (value == nil or fields[f + 1] == value) then
      return true
    end
  end
  return false
end

local function isWanted(fields)
  for _, want in ipairs(wanted) do
    if not has(fields, want[1], want[2]) then
      return false
    end
  end
  return true
end

-- what the connector added comes last and begins with error_stream and error_id
local function endOfOriginal(fields)
  for f = #fields - 3, 1, -2 do
    if fields[f] == 'error_stream' and fields[f + 2] == 'error_id' then
      return f - 1
    end
  end
  return nil
end

local function corrected(fields, length)
  local kept = {}
  for f = 1, length, 2 do
    if not removed[fields[f]] then
      kept[#kept + 1] = fields[f]
      kept[#kept + 1] = fields[f + 1]
    end
  end
  for _, set in ipairs(values) do
    local found = false
    for f = 1, #kept, 2 do
      if kept[f] == set[1] then
        kept[f + 1] = set[2]
        found = true
      end
    end
    if not found then
      kept[#kept + 1] = set[1]
      kept[#kept + 1] = set[2]
    end
  end
  return kept
end

local putBack, before, elsewhere, notes, unwanted, size = 0, 0, 0, 0, 0, 0
local letters = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
for _, letter in ipairs(letters) do
  local fields = letter[2]
  local length = endOfOriginal(fields)
  if length == nil then
    notes = notes + 1
  elseif fields[length + 2] ~= KEYS[2] then
    elsewhere = elsewhere + 1
  elseif not isWanted(fields) then
    unwanted = unwanted + 1
  elseif redis.call('HEXISTS', KEYS[3], fields[length + 4]) == 1 then
    before = before + 1
  else
    local entry = corrected(fields, length)
    if #entry == 0 or #entry > MOST then
      size = size + 1
    else
      local again = redis.call('XADD', KEYS[2], '*', unpack(entry))
      redis.call('HSET', KEYS[3], fields[length + 4], again)
      putBack = putBack + 1
    end
  end
end
local last = #letters == tonumber(ARGV[3]) and #letters > 0 and letters[#letters][1] or 'nothing'
return {
  'put back: ' .. putBack,
  'put back before: ' .. before,
  'left out, other values: ' .. unwanted,
  'left out, of another stream: ' .. elsewhere,
  'left out, of the sink: ' .. notes,
  'left out, no fields or more than 3,900: ' .. size,
  'go on after: ' .. last,
}
