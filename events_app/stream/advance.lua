-- Raise the floor of log time to the clock, if and only if nothing is left to read.
--
-- KEYS  1 log (stream)  2 meta (hash)     ARGV  1 ms  2 seq of what was read last
-- Returns {1, floor}: nothing to read, and no later entry will have a log time below floor;
--      or {0, 0}: there is something to read.
local after = ARGV[1] .. '-' .. ARGV[2]
if #redis.call('XRANGE', KEYS[1], '(' .. after, '+', 'COUNT', 1) > 0 then return {0, 0} end

local meta = redis.call('HMGET', KEYS[2], 'floor', 'last_ms', 'last_seq')
local floor, last_ms, last_seq = tonumber(meta[1]) or 0, tonumber(meta[2]) or 0, tonumber(meta[3]) or 0
local after_ms, after_seq = tonumber(ARGV[1]), tonumber(ARGV[2])
-- A reader ahead of the log: Redis lost its data. Entries to come must be later than what
-- this reader has read, or it would never see them.
if after_ms > last_ms or (after_ms == last_ms and after_seq > last_seq) then
  redis.call('HSET', KEYS[2], 'last_ms', ARGV[1], 'last_seq', ARGV[2])
  last_ms = after_ms
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local raised = math.max(now, floor, last_ms)
if raised > floor then redis.call('HSET', KEYS[2], 'floor', string.format('%.0f', raised)) end
return {1, raised}
