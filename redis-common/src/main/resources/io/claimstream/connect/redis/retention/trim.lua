-- SPDX-License-Identifier: Apache-2.0
-- Drops the oldest entries of a stream, about down to the limits: whole nodes only (~).
--
-- KEYS  the stream
-- ARGV  how many entries to keep, or -1
--       the lowest id to keep by its age, or 0-0
--       an id so old that somebody has to know if it is kept all the same, or 0-0
--       'acknowledged' to keep what a consumer group has not read or not acknowledged, or 'any'
--       with 'acknowledged', if the caller reads the stream: its group, without which nothing is
--       dropped
-- Returns how many entries it dropped, and the name of the group that keeps the stream far above
-- its limits, or an empty string.
--
-- Redis runs it without free memory, too: no command in it needs any.
local MOST = 10000 -- entries in one go, as Redis itself limits ~
local SLACK = 1000 -- entries that whole nodes may come to

-- ids have 64 bits on each side of the dash, more than a number of Lua holds
local function isBelow(id, other)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  local otherMs, otherSeq = string.match(other, '^(%d+)-(%d+)$')
  if ms ~= otherMs then
    return #ms < #otherMs or #ms == #otherMs and ms < otherMs
  end
  return #seq < #otherSeq or #seq == #otherSeq and seq < otherSeq
end

local length = redis.call('XLEN', KEYS[1])
if length == 0 then
  return {0, ''}
end

-- the lowest id that a group still needs, and whether the entry of that id itself is needed
local needed, isPending, holder = '18446744073709551615-18446744073709551615', false, ''
local isRead = not ARGV[5]
if ARGV[4] == 'acknowledged' then
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = {}
    for i = 1, #flat, 2 do
      group[flat[i]] = flat[i + 1]
    end
    isRead = isRead or group['name'] == ARGV[5]
    local id, pending = group['last-delivered-id'], false
    if group['pending'] > 0 then
      local first = redis.call('XPENDING', KEYS[1], group['name'])[2]
      if not isBelow(id, first) then
        id, pending = first, true
      end
    end
    if isBelow(id, needed) then
      needed, isPending, holder = id, pending, group['name']
    end
  end
end

if not isRead then
  return {0, ''}
end

local keep, oldest, tooOld = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local aged = 0
if oldest ~= '0-0' then
  local first = isBelow(needed, oldest) and needed or oldest
  aged = redis.call('XTRIM', KEYS[1], 'MINID', '~', first)
  length = redis.call('XLEN', KEYS[1])
end
local trimmed = 0
if keep >= 0 and length > keep then
  local most = math.min(length - keep, MOST)
  trimmed = redis.call('XTRIM', KEYS[1], 'MINID', '~', needed, 'LIMIT', most)
end

local isTooLong = keep >= 0 and trimmed == 0 and length > 2 * keep + SLACK
if holder ~= '' and not isTooLong and tooOld ~= '0-0' then
  local from = isPending and needed or '(' .. needed
  isTooLong = #redis.call('XRANGE', KEYS[1], from, tooOld, 'COUNT', 1) > 0
end
return {aged + trimmed, isTooLong and holder or ''}
