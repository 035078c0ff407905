-- Notes a request in its client's list before its job is asked for.
--
-- A list is a sorted set `requests` of request ids by order, and a hash `index` of
-- request id -> <disposition ? C c j h><mark . or x><order> <asked, ms> <job>; the field '' holds the time of the latest request,
-- `o` the last order given, which a later refusal does not take back.
-- `?` is marked when the answer is known; `C` is created, unless it is marked as another.
--
-- KEYS       base of the client
-- ARGV       request id (16 bytes), job, disposition ('?' or 'C'),
--            requests kept, time to live of the list (ms)
-- reply      {'new' or 'known', value}
-- atomic     wholly, in the client's list
-- expiry     the whole list, after its latest request
-- repeating  a known request is answered as it was noted
local request, job, disposition, max_requests, list_ttl = unpack(ARGV, FIRST)
local list, index = base .. 'requests', base .. 'index'
local latest = call('HGET', index, '')
if latest and tonumber(latest) + tonumber(list_ttl) <= now then call('UNLINK', list, index) end

local known = call('HGET', index, request)
if known then return { 'known', known } end

local order = call('HINCRBY', index, 'o', 1)
local value = disposition .. '.' .. order .. ' ' .. int(now) .. ' ' .. job
call('ZADD', list, order, request)
call('HSET', index, request, value, '', int(now))
local excess = call('ZCARD', list) - tonumber(max_requests)
if excess > 0 then
  for _, oldest in ipairs(call('ZRANGE', list, 0, int(excess - 1))) do
    call('ZREM', list, oldest)
    call('HDEL', index, oldest)
  end
end
call('PEXPIRE', list, int(list_ttl + GRACE))
call('PEXPIRE', index, int(list_ttl + GRACE))
return { 'new', value }
