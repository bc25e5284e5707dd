-- Purpose: what a key turned out to be. Equal without ever having been confirmed: it was on its way, no difference at all.
--          Set aside, copied and set aside again: it does not move, as the ledger says; set aside, copied and equal: it
--          should have moved. On its way: nothing is known yet.
-- $1 run, $2 entity, $3 source key, $4 equal, different or on its way, $5 in which way it differs (null where it does not)
with gone as (
delete from migration.difference d
 where d.run = $1 and d.entity = $2 and d.source_key = $3 and d.confirmed_at is null
   and ($4 = 'equal' and (d.kind <> 'held' or d.copied_at is null) or $5 = 'held' and d.copied_at is not null)
returning 1)
update migration.difference d
   set kind = case when $4 = 'different' then $5 else d.kind end,
       confirmed_at = case when $4 = 'different' and $5 = 'held' or $4 = 'on its way' then d.confirmed_at
                           else coalesce(d.confirmed_at, clock_timestamp()) end,
       repaired_at = case when $4 = 'equal' then clock_timestamp() end
 where d.run = $1 and d.entity = $2 and d.source_key = $3 and not exists (select from gone)
