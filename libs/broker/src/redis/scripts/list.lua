-- Reads a page of a client's list.
--
-- KEYS       base of the client
-- ARGV       time to live of the list (ms), 'old' or 'new' first, order to begin after or '', how many
-- reply      the time (ms), then request id and value, alternating
-- atomic     wholly; writes nothing, so expiry and repeating do not matter
local list_ttl, direction, after, limit = unpack(ARGV, FIRST)
local latest = call('HGET', base .. 'index', '')
if not latest or tonumber(latest) + tonumber(list_ttl) <= now then return { int(now) } end
local list = base .. 'requests'
local from = after ~= '' and '(' .. after
local requests
if direction == 'old' then
  requests = call('ZRANGEBYSCORE', list, from or '-inf', '+inf', 'LIMIT', 0, limit)
else
  requests = call('ZREVRANGEBYSCORE', list, from or '+inf', '-inf', 'LIMIT', 0, limit)
end
local reply = { int(now) }
for _, request in ipairs(requests) do
  reply[#reply + 1] = request
  reply[#reply + 1] = call('HGET', base .. 'index', request)
end
return reply
