-- Finds the chunk that holds a byte, by the lengths of the chunks before.
--
-- KEYS       base, job
-- ARGV       id, offset of the byte, number of a chunk before it, offset of that chunk's first byte, chunks to measure
-- reply      {1 when this is the chunk, or the next one to be stored, else 0, its number, its first byte's offset}
-- atomic     wholly; writes nothing, so expiry and repeating do not matter. Chunks never change: the caller goes on
--            from where a call ends.
local id = ARGV[FIRST]
local offset, number, start = tonumber(ARGV[FIRST + 1]), tonumber(ARGV[FIRST + 2]), tonumber(ARGV[FIRST + 3])
local state, stored, bytes, inline, expire = unpack(call('HMGET', job_key(id), 's', 'c', 'b', '0', 'x'))
if not state or (expire and tonumber(expire) <= now) then return { 1, '0', '0' } end
if offset >= tonumber(bytes) then return { 1, stored, bytes } end

for _ = 1, ARGV[FIRST + 4] do
  local length = (number == 0 and inline) and #inline or call('STRLEN', chunk_key(id, number))
  if length == 0 or offset < start + length then return { 1, int(number), int(start) } end
  number, start = number + 1, start + length
end
return { 0, int(number), int(start) }
