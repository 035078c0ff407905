-- Finds one request in its client's list.
--
-- KEYS       base of the client
-- ARGV       request id (16 bytes), time to live of the list (ms)
-- reply      its value or false
-- atomic     wholly; writes nothing, so expiry and repeating do not matter
local latest = call('HGET', base .. 'index', '')
if not latest or tonumber(latest) + tonumber(ARGV[FIRST + 1]) <= now then return false end
return call('HGET', base .. 'index', ARGV[FIRST])
