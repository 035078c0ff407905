-- Who holds a lease.
-- True when the attempt holds the lease. It holds until another script ends it, even past its time.
local function holds(id, attempt, worker)
  local state, latest, owner = unpack(call('HMGET', job_key(id), 's', 'a', 'w'))
  return state == 'r' and latest == attempt and owner == worker
end

-- Remembers how an attempt's lease was closed, so that closing it again is recognised.
local function close(id, how, attempt) call('HSET', job_key(id), 'e', how .. attempt) end

-- True when the lease closed last is this attempt's, and was closed in this way.
local function closed(id, how, attempt, worker)
  local latest, owner, last = unpack(call('HMGET', job_key(id), 'a', 'w', 'e'))
  local lease = how .. attempt
  return (last == lease and latest == attempt and owner == worker) or last == lease .. ' ' .. worker
end
