-- Creates a job, joins it, or answers from the cache.
--
-- KEYS       base, job
-- ARGV       id, lane, task, asker (client, NUL, request), client, trace, '1' to refuse when suspended, queue's bound,
--            bytes that waiting and running jobs may take
-- reply      {'ok', disposition (c j h), snapshot} | {'suspended'} | {'full'} | {'heavy'}
-- atomic     wholly; a refusal writes nothing
-- expiry     a finished job is forgotten when it has expired; a new life takes all its expiries away
-- repeating  an asker that is known gets its first answer again
local id, lane, task, asker, client, trace, reject, max_queued, max_pending = unpack(ARGV, FIRST)
local key = job_key(id)
local state = current(id)

local before = state and call('HGET', key, '@' .. asker)
if before then
  return { 'ok', string.sub(before, 1, 1), snapshot(id) }
end

-- A lease that has run out is taken back, unless the submission is refused.
local overdue = false
if state == 'r' then
  local expiry = call('ZSCORE', base .. 'leases', id)
  overdue = not expiry or tonumber(expiry) <= now
  if overdue then state = tonumber(call('HGET', key, 'k')) >= max_attempts and 'f' or 'q' end
end
local waits = state ~= 's' and state ~= 'r'
if waits and reject == '1' and suspended(id) then return { 'suspended' } end
local creates = waits and state ~= 'q'
if creates and call('ZCARD', base .. 'queue:' .. queue_of(id, lane)) >= tonumber(max_queued) then return { 'full' } end
if state ~= 's' then
  local pending = tonumber(call('HGET', base .. 'counters', 'pending') or 0)
  if creates and overdue then pending = pending - weight(id, call('HGET', key, 'r')) end
  local more = creates and #task + ASKER_BYTES or ASKER_BYTES
  if pending > 0 and pending + more > tonumber(max_pending) then return { 'heavy' } end
end
if overdue then end_lost_attempt(id) end

local disposition
if state == 's' then
  -- The cache needs no asker: there is nothing left to cancel, and a repeat is answered from the cache again.
  disposition = 'h'
  count('cached')
elseif state == 'q' or state == 'r' then
  disposition = 'j'
  call('HSET', key, '@' .. asker, 'j.')
  call('HINCRBY', key, 'r', 1)
  count('pending', ASKER_BYTES)
  count('joined')
else
  disposition = 'c'
  if state then
    -- Those who asked in an earlier life were answered when it ended.
    for _, field in ipairs(call('HKEYS', key)) do
      if string.sub(field, 1, 1) == '@' then call('HDEL', key, field) end
    end
    call('HDEL', key, 'f', 'y', 'tr')
    call('HINCRBY', key, 'n', 1)
    begin_life(id, lane, 1)
    call('HSET', key, '@' .. asker, 'c.')
  else
    call('HSET', key, 't', task, 'l', lane, 's', 'q', 'n', 1, 'a', 0, 'k', 0, 'c', 0, 'b', 0, 'ct', int(now), 'r', 1,
      'q', int(micros), '@' .. asker, 'c.')
    count('pending', #task + ASKER_BYTES)
    enqueue(id, lane, int(micros))
  end
  if trace ~= '' then call('HSET', key, 'tr', trace) end
  count('created')
end

notify(id, call('HGET', key, 'n'), client)
return { 'ok', disposition, snapshot(id) }
