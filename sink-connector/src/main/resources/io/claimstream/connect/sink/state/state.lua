-- SPDX-License-Identifier: Apache-2.0
-- Gives each record's key the state of that record. Goes before offsets.lua, which calls it.
--
-- KEYS  the key of each record
-- ARGV  for each record, from the fifth on: offset, number of parts, parts: for each command the
--       number of its words, its name, and its arguments after the key
local done, last, failure = 0, '', ''

local function write()
  local try, number, keys, arguments = redis.pcall, tonumber, KEYS, ARGV
  local i, count = 5, #arguments
  while i <= count do
    local offset, key, ends = arguments[i], keys[done + 1], i + 1 + number(arguments[i + 1])
    i = i + 2
    while i <= ends do
      local command = i + number(arguments[i])
      local reply = try(arguments[i + 1], key, unpack(arguments, i + 2, command))
      if type(reply) == 'table' and reply.err then
        failure = reply.err
        return
      end
      i = command + 1
    end
    done, last = done + 1, offset
  end
end

