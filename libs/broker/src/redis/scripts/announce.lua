-- Announces a worker, and forgets those that were not announced for long.
--
-- KEYS       base of the workers
-- ARGV       worker (16 bytes), its record, time to live (ms)
-- reply      'ok'
-- atomic     wholly
-- expiry     each worker by its score in `seen`; both keys when nobody is announced any more
-- repeating  announces again
local worker, record, worker_ttl = unpack(ARGV, FIRST)
call('ZADD', base .. 'seen', int(now), worker)
call('HSET', base .. 'records', worker, record)
local gone = call('ZRANGEBYSCORE', base .. 'seen', '-inf', int(now - worker_ttl), 'LIMIT', 0, 100)
if gone[1] then
  call('ZREM', base .. 'seen', unpack(gone))
  call('HDEL', base .. 'records', unpack(gone))
end
call('PEXPIRE', base .. 'seen', int(worker_ttl + GRACE))
call('PEXPIRE', base .. 'records', int(worker_ttl + GRACE))
return 'ok'
