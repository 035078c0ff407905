-- Leases waiting jobs to a worker, the longest waiting first within each lane.
--
-- KEYS       base
-- ARGV       worker, lease (ms), the only job to take or '', number of lanes, then for each its letter and its free
--            slots, then the kinds
-- reply      for each lease {id, attempt, task, lane, chunks, bytes, trace or false}
-- atomic     wholly: no job leaves its queue without its lease
-- expiry     none; the lease's own time is its score in `leases`
-- repeating  leases further jobs; those of a lost reply are rescued when their leases have run out
local worker, lease, named = ARGV[FIRST], tonumber(ARGV[FIRST + 1]), ARGV[FIRST + 2]
local lanes = tonumber(ARGV[FIRST + 3])
local kinds = FIRST + 4 + 2 * lanes

local waiting = {}
for _, queue in ipairs(call('SMEMBERS', base .. 'queues')) do waiting[queue] = true end
if not next(waiting) then return {} end

-- What may be taken of a queue, each job with its admission.
local function head_of(queue, free)
  if named == '' then return call('ZRANGE', base .. 'queue:' .. queue, 0, free - 1, 'WITHSCORES') end
  local admission = call('ZSCORE', base .. 'queue:' .. queue, named)
  return admission and { named, admission } or {}
end

-- The heads of all queues of a lane, merged by admission.
local function longest_waiting(lane, free)
  local heads = {}
  for index = kinds, #ARGV do
    local queue = ARGV[index] .. ':' .. WORDS[lane]
    if waiting[queue] and call('HGET', base .. 'kinds', 's:' .. ARGV[index]) ~= '1' then
      local head = head_of(queue, free)
      for place = 1, #head, 2 do
        heads[#heads + 1] = { id = head[place], admission = tonumber(head[place + 1]), queue = queue }
      end
    end
  end
  table.sort(heads, function(one, other)
    if one.admission ~= other.admission then return one.admission < other.admission end
    return one.id < other.id
  end)
  return heads
end

local leases = {}
for index = 1, lanes do
  local lane, free = ARGV[FIRST + 2 + 2 * index], tonumber(ARGV[FIRST + 3 + 2 * index])
  local heads = longest_waiting(lane, free)
  local taken = {}
  for place = 1, math.min(free, #heads) do
    local id, queue = heads[place].id, heads[place].queue
    local key = job_key(id)
    taken[queue] = taken[queue] or {}
    table.insert(taken[queue], id)
    local task, sequence, attempt, counted, chunks, bytes, trace, last, owner =
      unpack(call('HMGET', key, 't', 'n', 'a', 'k', 'c', 'b', 'tr', 'e', 'w'))
    if task then
      if last and not string.find(last, ' ', 1, true) then call('HSET', key, 'e', last .. ' ' .. owner) end
      attempt, sequence = int(attempt + 1), int(sequence + 1)
      call('HSET', key, 's', 'r', 'n', sequence, 'a', attempt, 'k', int(counted + 1), 'w', worker, 'st', int(now))
      call('ZADD', base .. 'leases', int(now + lease), id)
      notify(id, sequence)
      leases[#leases + 1] = { id, attempt, task, lane, chunks, bytes, trace }
    end
  end
  for queue, ids in pairs(taken) do dequeue(queue, ids) end
end
return leases
