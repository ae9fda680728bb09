-- SPDX-License-Identifier: Apache-2.0
-- Gives each record's key the state of that record. Goes before offsets.lua, which calls it.
--
-- KEYS  the key of each record
-- ARGV  from the sixth on, for each record: the number of its commands, and each command: its name,
--       and its arguments after the key, packed
local done, failure = 0, ''

local function write()
  local try, number, unpacked, keys, arguments = redis.pcall, tonumber, cmsgpack.unpack, KEYS, ARGV
  local function run(key, name, ...)
    return try(name, key, ...)
  end
  local i, count = 6, #arguments
  while i <= count do
    local key, ends = keys[done + 1], i + number(arguments[i])
    while i < ends do
      i = i + 1
      local reply = run(key, unpacked(arguments[i]))
      if type(reply) == 'table' and reply.err then
        failure = reply.err
        return
      end
    end
    done = done + 1
    i = i + 1
  end
end

