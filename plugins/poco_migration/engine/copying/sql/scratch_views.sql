-- Purpose: what the ledger holds of the part that is being copied, whichever it is: touched (rows that wait for their children to
--          go) and known (keys in quarantine or left out, of the regions that are POCO's still; but not what
--          mi.com has kept for itself: nobody else is to change that).
-- Needs:   scratch.sql; the settings migration.entity, .lo, .hi and .theirs. Of a range asked is empty; of single keys lo is hi.
create temp view touched as
select l.source_key
  from asked k
  join migration.leaving l on l.entity = current_setting('migration.entity') and l.source_key = k.source_key
 union all
select source_key
  from migration.leaving
 where entity = current_setting('migration.entity')
   and source_key >= current_setting('migration.lo')::bigint and source_key < current_setting('migration.hi')::bigint;

create temp view known as
select q.source_key
  from asked k
  join migration.quarantine q on q.entity = current_setting('migration.entity') and q.source_key = k.source_key
 where q.resolved_at is null and q.reason <> 'kept_at_mi' and q.region <> all (current_setting('migration.theirs')::text[])
 union
select source_key
  from migration.quarantine
 where entity = current_setting('migration.entity') and resolved_at is null and reason <> 'kept_at_mi' and region <> all (current_setting('migration.theirs')::text[])
   and source_key >= current_setting('migration.lo')::bigint and source_key < current_setting('migration.hi')::bigint
 union
select l.source_key
  from asked k
  join migration.left_out l on l.entity = current_setting('migration.entity') and l.source_key = k.source_key
 where l.region <> all (current_setting('migration.theirs')::text[])
 union
select source_key
  from migration.left_out
 where entity = current_setting('migration.entity') and region <> all (current_setting('migration.theirs')::text[])
   and source_key >= current_setting('migration.lo')::bigint and source_key < current_setting('migration.hi')::bigint
