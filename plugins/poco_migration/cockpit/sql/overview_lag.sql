-- Purpose: how far following was behind when it looked the last time, and whether the log was lost or ended.
select t.slot, t.captured_at, t.lost, t.ended_at, b.measured_at, b.lag_bytes, b.lag_seconds, b.keys, b.retained_bytes
  from migration.stream t
  left join lateral (select * from migration.backlog b where b.slot = t.slot order by b.measured_at desc limit 1) b on true
