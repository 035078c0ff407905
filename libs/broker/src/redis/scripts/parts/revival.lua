-- New lives.
-- Begins a new life of an ended job, in the queue, wanted by so many requests.
local function begin_life(id, lane, requests)
  local key = job_key(id)
  local chunks, bytes = call('HGET', key, 'c'), kept_bytes(id)
  if call('ZREM', base .. 'done', id .. ' ' .. bytes) == 1 then count('bytes', -bytes) end
  count('pending', weight(id, requests))
  call('ZREM', base .. 'dead', id)
  call('PERSIST', key)
  for index = 0, chunks - 1 do call('PERSIST', chunk_key(id, index)) end
  call('HDEL', key, 'm', 'et', 'x', 'p')
  call('HSET', key, 's', 'q', 'k', 0, 'l', lane, 'q', int(micros), 'r', requests)
  enqueue(id, lane, int(micros))
end
