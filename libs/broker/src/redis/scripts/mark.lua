-- Corrects what a client's list says about a request.
--
-- KEYS       base of the client
-- ARGV       request id (16 bytes), 'c', 'j' or 'h': its disposition, with '.' behind when it is asked anew and no longer
--            cancelled; 'x': it was cancelled; '-': it was refused
-- reply      'x' when it stands as cancelled, else 'ok'
-- atomic     wholly, in the client's list
-- expiry     none: a request that is no longer listed stays away
-- repeating  changes nothing more
local request, what = ARGV[FIRST], ARGV[FIRST + 1]
local index = base .. 'index'
local value = call('HGET', index, request)
if not value then return 'ok' end
if what == '-' then
  -- Somebody may have seen its order: no other request gets it.
  call('ZREM', base .. 'requests', request)
  call('HDEL', index, request)
elseif what == 'x' then
  call('HSET', index, request, string.sub(value, 1, 1) .. 'x' .. string.sub(value, 3))
else
  -- Who cancelled it since it was noted has been answered: that stays.
  local marks = #what == 2 and what or what .. string.sub(value, 2, 2)
  call('HSET', index, request, marks .. string.sub(value, 3))
  if string.sub(marks, 2) == 'x' then return 'x' end
end
return 'ok'
