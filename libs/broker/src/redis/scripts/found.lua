-- Founds a keyspace, or reads how it was founded.
--
-- KEYS       meta
-- ARGV       layout version, number of partitions
-- reply      {layout version, number of partitions} in force
-- atomic     wholly
-- expiry     none: one key, owned by the keyspace
-- repeating  what is founded stays
redis.call('HSETNX', KEYS[1], 'layout', ARGV[1])
redis.call('HSETNX', KEYS[1], 'partitions', ARGV[2])
return redis.call('HMGET', KEYS[1], 'layout', 'partitions')
