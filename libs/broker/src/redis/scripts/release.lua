-- Gives a lease back.
--
-- KEYS       base, job
-- ARGV       id, attempt, worker, '1' when the attempt failed (and counts) else '0', failure
-- reply      'ok' | 'lost'
-- atomic     wholly
-- expiry     a job whose attempts are used up begins to expire
-- repeating  the lease that was closed last is remembered
local id, attempt, worker, failed, failure = unpack(ARGV, FIRST)
if not holds(id, attempt, worker) then
  return closed(id, 'g', attempt, worker) and 'ok' or 'lost'
end
close(id, 'g', attempt)
if failed == '1' then kind_failed(id) end
end_attempt(id, failure, failed == '1')
return 'ok'
