-- Append one frame of events to the log, atomically: dedupe, limits, time, counters.
--
-- KEYS  1 log (stream)  2 meta (hash)  3 ids, young (hash)  4 ids, old (hash)
-- ARGV  1 frame: a JSON array, no spaces between its members
--       2 one record of 24 bytes per event: id (16), checksum (4), length in the frame (4)
--       3 one record of 20 bytes per follower: index in the frame (4), id of its leader (16)
--       4 most unread events  5 most unread bytes  6 ids are remembered for so many ms
--       7 most ids per generation  8 "1": append even if nothing is left or the log is full
-- Returns {ms, seq, accepted, duplicates} (ms = -1: nothing left to append)
--      or {-2, unread events, unread bytes}: the log is full.
--
-- Log time never goes back: ms = max(clock, floor, last), whatever the clock does.
local CHUNK = 2000 -- Lua cannot unpack more than about 8,000 values

local meta = redis.call('HMGET', KEYS[2], 'floor', 'last_ms', 'last_seq', 'events', 'bytes',
  'events_read', 'bytes_read', 'ids_since', 'ids_count', 'duplicates', 'conflicts',
  'max_events', 'max_bytes')
for i = 1, 11 do meta[i] = tonumber(meta[i]) or 0 end
local events, bytes = meta[4], meta[5]
local count = #ARGV[2] / 24
local frame = ARGV[1]

if ARGV[8] ~= '1' then
  local max_events = tonumber(meta[12]) or tonumber(ARGV[4])
  local max_bytes = tonumber(meta[13]) or tonumber(ARGV[5])
  local unread, unread_bytes = events - meta[6], bytes - meta[7]
  if unread + count > max_events or unread_bytes + #frame > max_bytes then
    return {-2, unread, unread_bytes}
  end
end

local clock = redis.call('TIME')
local ms = math.max(clock[1] * 1000 + math.floor(clock[2] / 1000), meta[1], meta[2])
local seq = 0
if ms == meta[2] then seq = meta[3] + 1 end

-- Two generations: the young one becomes the old one after 5 minutes, so an id is
-- remembered for 5 to 10 minutes; over the cap it happens earlier, so memory is bounded.
local since, held = meta[8], meta[9]
if count > 0 and (ms - since >= tonumber(ARGV[6]) or held + count > tonumber(ARGV[7])) then
  redis.call('UNLINK', KEYS[4])
  if held > 0 then redis.call('RENAME', KEYS[3], KEYS[4]) end
  since, held = ms, 0
  -- At once: a frame of nothing but known ids ends early, and the next must not rotate again.
  redis.call('HSET', KEYS[2], 'ids_since', string.format('%.0f', since), 'ids_count', 0)
end
local old_exists = count > 0 and redis.call('EXISTS', KEYS[4]) == 1

local function known(ids)
  local found = redis.call('HMGET', KEYS[3], unpack(ids))
  if old_exists then
    local older = redis.call('HMGET', KEYS[4], unpack(ids))
    for i = 1, #ids do found[i] = found[i] or older[i] end
  end
  return found
end

-- Which members are new? `place`: where in the frame an id stood first, from 1.
local place, sum_of, dropped, fresh = {}, {}, {}, {}
local duplicates, conflicts = 0, 0
local sub, unpack_number = string.sub, struct.unpack
for first = 1, count, CHUNK do
  local last = math.min(first + CHUNK - 1, count)
  local ids = {}
  for i = first, last do ids[i - first + 1] = sub(ARGV[2], i * 24 - 23, i * 24 - 8) end
  local found = known(ids)
  for i = first, last do
    local id, sum = ids[i - first + 1], sub(ARGV[2], i * 24 - 7, i * 24 - 4)
    local before = found[i - first + 1] or sum_of[id]
    if before then
      dropped[i] = true
      duplicates = duplicates + 1
      if before ~= sum then conflicts = conflicts + 1 end
    else
      place[id], sum_of[id] = i, sum
      fresh[#fresh + 1] = id
      fresh[#fresh + 1] = sum
    end
  end
end
local accepted = count - duplicates

if duplicates > 0 then
  redis.call('HSET', KEYS[2], 'duplicates', meta[10] + duplicates, 'conflicts', meta[11] + conflicts)
  if accepted == 0 then return {-1, 0, 0, duplicates} end
  local parts, at = {}, 2
  for i = 1, count do
    local length = unpack_number('>I4', ARGV[2], i * 24 - 3)
    if not dropped[i] then parts[#parts + 1] = sub(frame, at, at + length - 1) end
    at = at + length + 1
  end
  frame = '[' .. table.concat(parts, ',') .. ']'
end

-- Followers whose leader stands earlier: in this frame, or among the remembered ids.
local leaders = {}
if #ARGV[3] > 0 then
  local index, kept = {}, 0
  for i = 1, count do
    if not dropped[i] then index[i], kept = kept, kept + 1 end
  end
  for o = 1, #ARGV[3], 20 do
    local i = unpack_number('>I4', ARGV[3], o) + 1
    local leader = sub(ARGV[3], o + 4, o + 19)
    if index[i] then
      local here = place[leader]
      if (here and here < i) or (not here and known({leader})[1]) then
        leaders[#leaders + 1] = index[i]
      end
    end
  end
end

for first = 1, #fresh, CHUNK do
  redis.call('HSET', KEYS[3], unpack(fresh, first, math.min(first + CHUNK - 1, #fresh)))
end
events, bytes = events + accepted, bytes + #frame
redis.call('XADD', KEYS[1], string.format('%.0f-%.0f', ms, seq), 'f', frame, 'n', accepted,
  'e', string.format('%.0f', events), 'b', string.format('%.0f', bytes),
  'k', table.concat(leaders, ','))
redis.call('HSET', KEYS[2], 'last_ms', string.format('%.0f', ms), 'last_seq', seq,
  'events', string.format('%.0f', events), 'bytes', string.format('%.0f', bytes),
  'ids_since', string.format('%.0f', since), 'ids_count', held + accepted)
return {ms, seq, accepted, duplicates}
