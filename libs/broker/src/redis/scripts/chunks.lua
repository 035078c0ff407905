-- Reads small results at once and tells where to read large ones.
--
-- KEYS       base, job
-- ARGV       id, first chunk, bytes that fit, bytes to reply at once
-- reply      {number of chunks that fit, the chunks themselves when they are small}
-- atomic     wholly; writes nothing, so expiry and repeating do not matter. Chunks never change: the caller reads
--            large ones with MGET, past Lua.
local id, first, fit, at_once = ARGV[FIRST], tonumber(ARGV[FIRST + 1]), tonumber(ARGV[FIRST + 2]), tonumber(ARGV[FIRST + 3])
local state, stored, inline, expire = unpack(call('HMGET', job_key(id), 's', 'c', '0', 'x'))
if not state or (expire and tonumber(expire) <= now) then return { 0 } end

local number, bytes = 0, 0
for index = first, stored - 1 do
  local length = (index == 0 and inline) and #inline or call('STRLEN', chunk_key(id, index))
  if length == 0 or (number > 0 and bytes + length > fit) then break end
  number, bytes = number + 1, bytes + length
end
local reply = { number }
if bytes <= at_once then
  for index = first, first + number - 1 do
    reply[#reply + 1] = (index == 0 and inline) or call('GET', chunk_key(id, index))
  end
end
return reply
