-- Purpose: how many rows of the part are at mi.com and go into quarantine.
-- Needs:   scratch.sql, and the view gone before load.sql deletes.
select count(*)
  from refused r
  join reason n on n.name = r.reason and n.outcome = 'quarantined'
 where r.source_key in (select source_key from gone)
