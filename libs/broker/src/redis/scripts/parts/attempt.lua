-- The ends of attempts.
-- Ends a running attempt without a result: the job waits again in its old place, or fails when `counts` attempts
-- are used up. Answers whether it failed.
local function end_attempt(id, failure, counts)
  local key = job_key(id)
  local lane, counted, admission = unpack(call('HMGET', key, 'l', 'k', 'q'))
  call('ZREM', base .. 'leases', id)
  call('HDEL', key, 'p')
  if counts and tonumber(counted) >= max_attempts then
    local last = string.gsub(failure, ' ', ': ', 1)
    end_dead(id, 'ATTEMPTS_EXHAUSTED ' .. counted .. ' attempts failed, the last one with ' .. last)
    return true
  end
  if counts then count('retried') else counted = counted - 1 end
  call('HSET', key, 's', 'q', 'f', failure, 'k', int(counted))
  notify(id, call('HINCRBY', key, 'n', 1))
  enqueue(id, lane, admission)
  return false
end

local function end_lost_attempt(id)
  local worker = string.gsub(call('HGET', job_key(id), 'w'), '.', function(byte)
    return string.format('%02x', string.byte(byte))
  end)
  return end_attempt(id, 'WORKER_LOST worker-' .. worker .. ' was not heard of in time', true)
end

-- How many attempts of the kind in a row failed by themselves, and when the last one did or did not (us).
local function kind_failed(id)
  local kind = kind_of(id)
  call('HINCRBY', base .. 'kinds', 'f:' .. kind, 1)
  call('HSET', base .. 'kinds', 'g:' .. kind, int(micros))
end
local function kind_succeeded(id)
  local kind = kind_of(id)
  if call('HGET', base .. 'kinds', 'f:' .. kind) then call('HSET', base .. 'kinds', 'f:' .. kind, 0) end
  if partitions > 1 then call('HSET', base .. 'kinds', 'o:' .. kind, int(micros)) end
end
