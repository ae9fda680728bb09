-- SPDX-License-Identifier: Apache-2.0
-- Gives each record's key the state of that record. Goes before offsets.lua, which calls it.
--
-- KEYS  the key of each record
-- ARGV  from the sixth on, for each record: the number of its commands, and each command, packed
local done, failure = 0, ''

local function write()
  -- locals are found sooner than globals
  local try, unpacked, arguments = redis.pcall, cmsgpack.unpack, ARGV
  local i, count = 6, #arguments
  while i <= count do
    local ends = i + arguments[i]
    while i < ends do
      i = i + 1
      local reply = try(unpacked(arguments[i]))
      if type(reply) == 'table' and reply.err then
        failure = reply.err
        return
      end
    end
    done = done + 1
    i = i + 1
  end
end

