-- Suspends or resumes a kind in one partition.
--
-- KEYS       base
-- ARGV       kind, '1' to suspend or '0' to resume
-- reply      'ok'
-- atomic     in this partition; the caller repeats over all of them
-- expiry     none: one field per kind
-- repeating  no change, no notice
local kind, wanted = ARGV[FIRST], ARGV[FIRST + 1]
local field = 's:' .. kind
if (call('HGET', base .. 'kinds', field) or '0') ~= wanted then
  call('HSET', base .. 'kinds', field, wanted)
  give_notice('k', kind)
  if wanted == '0' then call('XADD', base .. 'wake', 'MAXLEN', '1', '*', 'q', kind) end
end
return 'ok'
