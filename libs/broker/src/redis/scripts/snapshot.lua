-- Reads what is known about a job.
--
-- KEYS       base, job
-- ARGV       id
-- reply      snapshot or false
-- atomic     wholly; writes nothing, so expiry and repeating do not matter
return snapshot(ARGV[FIRST])
