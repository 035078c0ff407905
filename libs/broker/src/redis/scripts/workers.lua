-- Reads the workers that were announced lately.
--
-- KEYS       base of the workers
-- ARGV       time to live (ms)
-- reply      {worker, record, announced (ms)} for each
-- atomic     wholly; writes nothing, so expiry and repeating do not matter
local seen = call('ZRANGEBYSCORE', base .. 'seen', '(' .. int(now - ARGV[FIRST]), '+inf', 'WITHSCORES')
local workers = {}
for index = 1, #seen, 2 do
  local record = call('HGET', base .. 'records', seen[index])
  if record then workers[#workers + 1] = { seen[index], record, seen[index + 1] } end
end
return workers
