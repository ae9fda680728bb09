-- SPDX-License-Identifier: Apache-2.0
-- Appends records to a stream. Goes before offsets.lua, which calls it.
--
-- KEYS  the stream
-- ARGV  for each record, from the fifth on: offset, number of parts, parts (name, value, ...)
local done, last, failure = 0, '', ''

local function write()
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
    done, last = done + 1, arguments[i]
    i = ends + 1
  end
end

