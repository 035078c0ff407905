-- Takes back leases that have run out, and forgets what has expired.
--
-- KEYS       base
-- ARGV       at most how many of each
-- reply      1 when there may be more to do else 0, then for each lease {id, attempt, worker, 1 when the job failed else 0}
-- atomic     wholly
-- expiry     deletes expired jobs ahead of their keys' own expiry, which is the safety net
-- repeating  finds less to do
local limit = tonumber(ARGV[FIRST])
local rescued = { 0 }
for _, id in ipairs(call('ZRANGEBYSCORE', base .. 'leases', '-inf', int(now), 'LIMIT', 0, int(limit))) do
  local state, attempt, worker = unpack(call('HMGET', job_key(id), 's', 'a', 'w'))
  if state == 'r' then
    rescued[#rescued + 1] = { id, attempt, worker, end_lost_attempt(id) and 1 or 0 }
  else
    call('ZREM', base .. 'leases', id)
  end
end
local forgotten = 0
forget_oldest(limit, nil, function(expire)
  forgotten = forgotten + 1
  return expire <= now
end)
if #rescued > limit or forgotten == limit then rescued[1] = 1 end
return rescued
