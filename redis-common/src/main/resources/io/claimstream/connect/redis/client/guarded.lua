-- SPDX-License-Identifier: Apache-2.0
-- Executes commands in one atomic step if some keys hold what they are expected to hold: what
-- WATCH, MULTI and EXEC do, on a server that is full and refuses every command of a transaction.
--
-- KEYS  the keys to compare, then what else the commands touch
-- ARGV  how many keys to compare
--       for each of them what it must hold, behind a "="; empty if there must be no such key
--       for each command: number of words, words
-- Returns the commands' replies, errors among them; or nothing, if a key holds something else.
local compared = tonumber(ARGV[1])
for i = 1, compared do
  local held = redis.call('GET', KEYS[i])
  if (held and '=' .. held or '') ~= ARGV[1 + i] then
    return false
  end
end

local replies, i = {}, compared + 2
while i <= #ARGV do
  local last = i + tonumber(ARGV[i])
  replies[#replies + 1] = redis.pcall(unpack(ARGV, i + 1, last))
  i = last + 1
end
return replies
