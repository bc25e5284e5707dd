-- Purpose: how many keys the store changes in a second, and how many of them a second of following copies; null: not followed yet.
select sum(keys)::float8 / nullif(extract(epoch from max(finished_at) - min(started_at)), 0) as changed_per_s,
       sum(keys)::float8 / nullif(sum(extract(epoch from finished_at - started_at)), 0) as copied_per_s,
       coalesce(sum(keys), 0)::bigint as keys
  from migration.receipt
 where kind = 'keys' and finished_at > now() - interval '1 day'
