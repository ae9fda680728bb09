-- SPDX-License-Identifier: Apache-2.0
-- Appends records to a stream. Goes before offsets.lua, which calls it.
--
-- KEYS  the stream
-- ARGV  from the sixth on, each record: its fields (name, value, ...), packed
local done, failure = 0, ''

local function write()
  -- locals are found sooner than globals
  local try, unpacked, stream, arguments = redis.pcall, cmsgpack.unpack, KEYS[1], ARGV
  for i = 6, #arguments do
    local reply = try('XADD', stream, '*', unpacked(arguments[i]))
    if type(reply) == 'table' then
      failure = reply.err
      return
    end
    done = done + 1
  end
end

