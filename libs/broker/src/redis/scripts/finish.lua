-- Ends a running job with a result or a failure.
--
-- KEYS       base, job
-- ARGV       id, attempt, worker, 's', summary, chunks of the whole result, '1' when the last chunk follows, it
--            id, attempt, worker, 'f', failure
-- reply      {'ok'} | {'lost'} | {'order', next index}
-- atomic     wholly: the last chunk, the outcome and the end of the lease are one step
-- expiry     the job and its chunks begin to expire
-- repeating  the attempt that finished the job is remembered: finishing again by it changes nothing
local id, attempt, worker, outcome, content, chunks, has_last, last = unpack(ARGV, FIRST)
if not holds(id, attempt, worker) then
  return { closed(id, 'f', attempt, worker) and 'ok' or 'lost' }
end
local key = job_key(id)
if outcome == 'f' then
  call('ZREM', base .. 'leases', id)
  close(id, 'f', attempt)
  kind_failed(id)
  end_dead(id, content)
  return { 'ok' }
end

local stored = tonumber(call('HGET', key, 'c'))
local missing = chunks - stored
if missing ~= 0 and (missing ~= 1 or has_last == '0') then return { 'order', stored } end
if missing == 1 then
  -- A value of up to 64 bytes leaves the hash in its compact form and saves a key.
  if stored == 0 and #last <= 64 then
    call('HSET', key, '0', last)
  else
    call('SET', chunk_key(id, stored), last)
  end
  call('HSET', key, 'c', int(stored + 1))
  call('HINCRBY', key, 'b', #last)
end
call('HDEL', key, 'f')
call('HSET', key, 'm', content)
call('ZREM', base .. 'leases', id)
close(id, 'f', attempt)
kind_succeeded(id)
notify(id, end_job(id, 's'))
count('succeeded')
return { 'ok' }
