-- Purpose: the keys of a part that the ledger says do not move, and why.
-- $1 entity, $2 lo, $3 hi (null is open), $4 keys (null for a range), $5 the regions that mi.com owns
select source_key, reason
  from (select source_key, reason from migration.quarantine where entity = $1 and resolved_at is null and reason <> 'kept_at_mi' and region <> all ($5::text[])
         union all
        select source_key, reason from migration.left_out where entity = $1 and region <> all ($5::text[])) a
 where case when $4::bigint[] is null then ($2::bigint is null or source_key >= $2) and ($3::bigint is null or source_key < $3)
            else source_key = any ($4) end
