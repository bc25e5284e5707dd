-- Purpose: how fast the store has written its log, out of the samples of the last week: the busiest one, so that a quiet night
--          does not stand for the day; null without samples.
-- $1 slot
select max(wal_bytes_per_s) as bytes_per_s, count(*) as samples from migration.backlog where slot = $1
