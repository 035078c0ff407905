-- Counting and telling what happened.
local function queue_of(id, lane) return kind_of(id) .. ':' .. WORDS[lane] end

local function count(what, by) call('HINCRBY', base .. 'counters', what, int(by or 1)) end

-- Notices are numbered 0-1, 0-2, ... without holes: a reader sees from the numbers alone whether it missed some.
local function give_notice(...)
  local trim = tonumber(max_notices) < 1000 and '=' or '~'
  call('XADD', base .. 'notices', 'MAXLEN', trim, max_notices, '0-*', ...)
end

local function notify(id, sequence, client)
  if client then
    give_notice('j', id, 's', sequence, 'c', client)
  else
    give_notice('j', id, 's', sequence)
  end
end
