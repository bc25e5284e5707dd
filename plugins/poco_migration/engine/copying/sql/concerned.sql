-- Purpose: the rows of this copy whose children must be looked at again: what came, went or moved by the log, and what was
--          set aside until now and is not refused by its own content any more (a corrected status moves no key).
-- Needs:   scratch.sql and staging; the setting migration.entity; the part's lock is held, so nobody else sets its rows aside meanwhile.
select source_key from changed where family
 union
select s.source_key
  from staging s
 where not exists (select from refused r where r.source_key = s.source_key)
   and (exists (select from migration.quarantine q where q.entity = current_setting('migration.entity') and q.source_key = s.source_key and q.resolved_at is null)
        or exists (select from migration.left_out l where l.entity = current_setting('migration.entity') and l.source_key = s.source_key))
