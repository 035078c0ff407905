-- Reads where jobs stand and how askers were answered.
--
-- KEYS       base
-- ARGV       for each job its id and an asker
-- reply      for each job {state or false, the asker's value or false}
-- atomic     wholly; writes nothing, so expiry and repeating do not matter
local answers = {}
for index = FIRST, #ARGV, 2 do
  local state, expire, asker = unpack(call('HMGET', job_key(ARGV[index]), 's', 'x', '@' .. ARGV[index + 1]))
  if state and expire and tonumber(expire) <= now then state = false end
  answers[#answers + 1] = { state, asker }
end
return answers
