-- Appends a chunk to the result of a running job.
--
-- KEYS       base, job
-- ARGV       id, attempt, worker, index, chunk
-- reply      {'ok'} | {'lost'} | {'order', next index}
-- atomic     wholly
-- expiry     none while the job is unfinished; the job owns the chunk
-- repeating  a chunk that is stored stays as it is
local id, attempt, worker, index, chunk = unpack(ARGV, FIRST)
if not holds(id, attempt, worker) then return { 'lost' } end
local key = job_key(id)
local stored = tonumber(call('HGET', key, 'c'))
index = tonumber(index)
if index > stored then return { 'order', stored } end
if index == stored then
  call('SET', chunk_key(id, index), chunk)
  call('HINCRBY', key, 'c', 1)
  call('HINCRBY', key, 'b', #chunk)
  notify(id, call('HINCRBY', key, 'n', 1))
end
return { 'ok' }
