-- What everybody may see of a job.
local function suspended(id) return call('HGET', base .. 'kinds', 's:' .. kind_of(id)) == '1' end

-- What is known about a job, as redis/record.rs reads it; false when it is not kept.
local function snapshot(id)
  local record = call('HMGET', job_key(id), 't', 'l', 's', 'n', 'a', 'w', 'c', 'b', 'm', 'f', 'ct', 'st', 'et', 'x',
    'tr', 'r', 'p')
  if not record[3] or (record[14] and tonumber(record[14]) <= now) then return false end
  record[18] = (record[3] == 'q' and suspended(id)) and 1 or 0
  return record
end
