-- Detaches a request from its job; the last one cancels an unfinished job.
--
-- KEYS       base, job
-- ARGV       id, asker
-- reply      {state or false, 1 when the request is detached else 0}
-- atomic     wholly
-- expiry     a cancelled job begins to expire
-- repeating  a detached asker is gone, or marked when it was the last: detaching it again changes nothing
local id, asker = unpack(ARGV, FIRST)
local key = job_key(id)
local state = current(id)
local value = state and call('HGET', key, '@' .. asker)
if value and string.sub(value, 2, 2) == 'x' then return { state, 1 } end
if state ~= 'q' and state ~= 'r' then return { state, 0 } end
-- A request of an earlier life was answered when that life ended: it does not hold this one.
if not value then return { state, 1 } end

local left = call('HINCRBY', key, 'r', -1)
count('pending', -ASKER_BYTES)
if left > 0 then
  -- Requests that come and go leave nothing behind.
  call('HDEL', key, '@' .. asker)
  return { state, 1 }
end
call('HSET', key, '@' .. asker, string.sub(value, 1, 1) .. 'x')
if state == 'q' then
  dequeue(queue_of(id, call('HGET', key, 'l')), { id })
else
  call('ZREM', base .. 'leases', id)
  close(id, 'c', call('HGET', key, 'a'))
end
notify(id, end_job(id, 'c'))
count('cancelled')
return { 'c', 1 }
