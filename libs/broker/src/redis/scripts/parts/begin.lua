-- The beginning of every script: what it is called with, the time, names of keys. The other parts in this folder
-- hold the steps that several scripts share; a script begins with those it needs, as each costs time in every call.
--
-- KEYS[1]    the partition's base, `<prefix>:{<partition>}:`, or the base of a client's or the workers' keys. It names
--            a key that never exists. All other keys begin with it, so they carry the same hash tag and lie in the
--            same slot; and while the slot is being moved to another node, the missing key makes the cluster refuse
--            the script before its first write instead of in its middle.
-- ARGV[1..7] lead over the server's time (ms; 0 but in tests), and the terms: notices kept, result's time to live
--            (ms), attempts per job, bytes of results kept, dead letters kept, partitions.
--
-- A job is a hash; its fields:
--   t task   l lane (i s l)   s state (q r s f c)   n sequence   a attempt: the fencing token   k attempts that count
--   w worker of the latest attempt (16 bytes)   e the lease that was closed last: how (f finished, g given back,
--   c cancelled) and its attempt; once another attempt has begun, a space and its worker follow
--   c chunks   b bytes   0 chunk 0 when it is small   m summary   f failure   p progress   q admission to the queue
--   (us)   ct, st, et, x: created, started, ended, expires (ms)   tr trace   r requests that want it
--   y set while it lives again by an operator's retry   @<client>\0<request> one of its askers: how it was
--   answered (c created, j joined) and whether it was detached as the last one (. x)
local call = redis.call
local base = KEYS[1]
local skew = tonumber(ARGV[1])
local max_notices, ttl, max_attempts = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local max_kept, max_dead, partitions = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local FIRST = 8 -- the first argument of the script's own

local clock = call('TIME')
local micros = clock[1] * 1000000 + clock[2] + skew * 1000
local now = math.floor(micros / 1000)

-- Physical expiry trails the logical one, so that no key of a job that still counts as kept is gone.
local GRACE = 60000
local WORDS = { i = 'instant', s = 'short', l = 'long' }

-- Lua's own conversion of numbers to text rounds to 14 digits. The sum turns a negative zero into zero.
local function int(number) return string.format('%.0f', number + 0) end

local function job_key(id) return base .. 'job:' .. id end
local function chunk_key(id, index) return base .. 'chunk:' .. id .. ':' .. int(index) end
-- A job's id is its kind, a hyphen and 32 digits.
local function kind_of(id) return string.sub(id, 1, -34) end
