-- Purpose: how far the log has been read, and what of it has not been copied.
-- Cost:    up to $2 dirty rows are counted, each key once. Of more the server's own statistic tells how many rows there are.
-- $1 slot, $2 rows to count
with counted as materialized (
    select entity, source_key from migration.dirty where entity in (select entity from migration.followed) limit $2
),
number as materialized (
    select count(*) as rows, count(distinct (entity, source_key)) as keys from counted
)
select s.captured::text as captured,
       case when n.rows < $2 then n.keys
            else greatest(n.keys, pg_stat_get_live_tuples('migration.dirty'::regclass)) end as keys,
       coalesce(extract(epoch from clock_timestamp() - oldest.since), 0) as seconds
  from migration.stream s
 cross join number n
  left join lateral (select since from migration.dirty
                      where entity in (select entity from migration.followed)
                      order by seq limit 1) oldest on true
 where s.slot = $1
