-- Purpose: the newest first load of each part: a copy that wrote most of its rows. One that found them right is faster.
-- $1 only those that ended after this instant; null is all
select distinct on (entity, lo, hi) entity, rows_read as rows, bytes, extract(epoch from finished_at - started_at)::float8 as seconds
  from migration.receipt
 where kind = 'range' and rows_changed * 2 >= rows_kept and ($1::timestamptz is null or finished_at > $1)
 order by entity, lo, hi, receipt_id desc
