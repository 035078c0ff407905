-- Joining and leaving a queue.
-- Only the first job of an empty queue wakes the workers: whoever waits has seen the queue empty.
local function enqueue(id, lane, admission)
  local queue = queue_of(id, lane)
  call('ZADD', base .. 'queue:' .. queue, admission, id)
  if call('ZCARD', base .. 'queue:' .. queue) == 1 then
    call('SADD', base .. 'queues', queue)
    call('XADD', base .. 'wake', 'MAXLEN', '1', '*', 'q', queue)
  end
end

local function dequeue(queue, ids)
  call('ZREM', base .. 'queue:' .. queue, unpack(ids))
  if call('EXISTS', base .. 'queue:' .. queue) == 0 then call('SREM', base .. 'queues', queue) end
end
