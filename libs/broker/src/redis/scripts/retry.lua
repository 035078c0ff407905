-- Queues a failed job again, with all its attempts.
--
-- KEYS       base, job
-- ARGV       id
-- reply      {'ok', snapshot} | {'unknown'} | {'alive'}
-- atomic     wholly
-- expiry     takes all expiries of the job away
-- repeating  a job that lives by a retry is marked until it ends
local id = ARGV[FIRST]
local key = job_key(id)
local state = current(id)
if not state then return { 'unknown' } end
if state ~= 'f' then
  if call('HGET', key, 'y') then return { 'ok', snapshot(id) } end
  return { 'alive' }
end
begin_life(id, unpack(call('HMGET', key, 'l', 'r')))
call('HSET', key, 'y', 1)
notify(id, call('HINCRBY', key, 'n', 1))
return { 'ok', snapshot(id) }
