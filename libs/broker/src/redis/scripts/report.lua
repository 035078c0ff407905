-- Replaces the progress of a running job.
--
-- KEYS       base, job
-- ARGV       id, attempt, worker, progress
-- reply      'ok' | 'lost'
-- atomic     wholly
-- expiry     none
-- repeating  tells the same progress once more
local id, attempt, worker, progress = unpack(ARGV, FIRST)
if not holds(id, attempt, worker) then return 'lost' end
local key = job_key(id)
call('HSET', key, 'p', progress)
notify(id, call('HINCRBY', key, 'n', 1))
return 'ok'
