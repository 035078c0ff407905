-- Extends leases.
--
-- KEYS       base
-- ARGV       worker, lease (ms), then for each lease its job and attempt
-- reply      for each lease 'held', 'cancelled' or 'lost'
-- atomic     wholly
-- expiry     moves the leases' scores
-- repeating  moves them again
local worker, lease = ARGV[FIRST], tonumber(ARGV[FIRST + 1])
local answers = {}
for index = FIRST + 2, #ARGV, 2 do
  local id, attempt = ARGV[index], ARGV[index + 1]
  if holds(id, attempt, worker) then
    call('ZADD', base .. 'leases', int(now + lease), id)
    answers[#answers + 1] = 'held'
  elseif closed(id, 'c', attempt, worker) and call('HGET', job_key(id), 'a') == attempt then
    answers[#answers + 1] = 'cancelled'
  else
    answers[#answers + 1] = 'lost'
  end
end
return answers
