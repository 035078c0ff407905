-- The ends of lives, and what is kept of them.
-- What a job takes beside its result, its task and the requests that want it. The counter `pending` sums it up over the
-- jobs that wait or run.
local ASKER_BYTES = 128
local function weight(id, requests) return call('HSTRLEN', job_key(id), 't') + ASKER_BYTES * requests end

-- What an ended job counts as: neither of the numbers changes until it lives again.
local function kept_bytes(id)
  local bytes, requests = unpack(call('HMGET', job_key(id), 'b', 'r'))
  return int(bytes + weight(id, requests))
end

-- Deletes all that is kept of a finished job.
local function forget(id)
  local chunks = call('HGET', job_key(id), 'c')
  if not chunks then return end
  local bytes = kept_bytes(id)
  for index = 0, chunks - 1 do call('UNLINK', chunk_key(id, index)) end
  call('UNLINK', job_key(id))
  if call('ZREM', base .. 'done', id .. ' ' .. bytes) == 1 then count('bytes', -bytes) end
  call('ZREM', base .. 'dead', id)
end

-- Deletes the longest finished jobs while `unwanted` says so; at most `limit` of them, never `spared`.
local function forget_oldest(limit, spared, unwanted)
  for _ = 1, limit do
    local oldest = call('ZRANGE', base .. 'done', 0, 0, 'WITHSCORES')
    if not oldest[1] then return end
    local id, bytes = string.match(oldest[1], '^(%S+) (%d+)$')
    if id == spared or not unwanted(tonumber(oldest[2])) then return end
    call('ZREM', base .. 'done', oldest[1])
    count('bytes', -bytes)
    forget(id)
  end
end

-- Each finished job counts a flat kibibyte more, so that many small results are bounded as well.
local function over_kept()
  return (call('HGET', base .. 'counters', 'bytes') or 0) + 1024 * call('ZCARD', base .. 'done') > max_kept
end

-- The state of a job that is kept; one that has expired is forgotten on the way.
local function current(id)
  local state, expire = unpack(call('HMGET', job_key(id), 's', 'x'))
  if state and expire and tonumber(expire) <= now then
    forget(id)
    return false
  end
  return state
end

-- Ends a job's life in a final state. Its keys expire together. The latest one is never forgotten for its size.
local function end_job(id, state)
  local key = job_key(id)
  local chunks, requests = unpack(call('HMGET', key, 'c', 'r'))
  local bytes = kept_bytes(id)
  count('pending', -weight(id, requests))
  local expire = now + ttl
  call('HDEL', key, 'p', 'q', 'y')
  call('HSET', key, 's', state, 'et', int(now), 'x', int(expire))
  local sequence = call('HINCRBY', key, 'n', 1)
  call('PEXPIREAT', key, int(expire - skew + GRACE))
  for index = 0, chunks - 1 do call('PEXPIREAT', chunk_key(id, index), int(expire - skew + GRACE)) end
  call('ZADD', base .. 'done', expire, id .. ' ' .. bytes)
  count('bytes', bytes)
  if over_kept() then forget_oldest(100, id, over_kept) end
  return sequence
end

-- A failed job stands in the dead letters, newest last, each place different from those of the other partitions.
local function end_dead(id, failure)
  call('HSET', job_key(id), 'f', failure)
  local sequence = end_job(id, 'f')
  local partition = tonumber(string.match(base, '{(%d+)}'))
  local place = math.floor(micros / partitions) * partitions + partition
  local newest = call('ZREVRANGE', base .. 'dead', 0, 0, 'WITHSCORES')
  if newest[2] and tonumber(newest[2]) >= place then place = tonumber(newest[2]) + partitions end
  call('ZADD', base .. 'dead', int(place), id)
  call('ZREMRANGEBYRANK', base .. 'dead', 0, -max_dead - 1)
  count('failed')
  notify(id, sequence)
end
