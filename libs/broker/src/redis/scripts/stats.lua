-- Reads queue depths and counters of one partition.
--
-- KEYS       base
-- reply      {{kind:lane, waiting, age of the longest waiting (ms) or -1, running}, ...}, {counter, value, ...},
--            number of finished jobs
-- atomic     wholly; writes nothing, so expiry and repeating do not matter
local queues = {}
local function queue_named(name)
  queues[name] = queues[name] or { name, 0, -1, 0 }
  return queues[name]
end
for _, name in ipairs(call('SMEMBERS', base .. 'queues')) do
  local queue = queue_named(name)
  queue[2] = call('ZCARD', base .. 'queue:' .. name)
  local oldest = call('ZRANGE', base .. 'queue:' .. name, 0, 0, 'WITHSCORES')[2]
  if oldest then queue[3] = math.max(0, math.floor((micros - oldest) / 1000)) end
end
-- As many as there are slots in the mesh.
for _, id in ipairs(call('ZRANGE', base .. 'leases', 0, -1)) do
  local lane = call('HGET', job_key(id), 'l')
  if lane then
    local queue = queue_named(queue_of(id, lane))
    queue[4] = queue[4] + 1
  end
end
local list = {}
for _, queue in pairs(queues) do list[#list + 1] = queue end
return { list, call('HGETALL', base .. 'counters'), call('ZCARD', base .. 'done') }
