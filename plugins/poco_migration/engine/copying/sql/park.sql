-- Purpose: write the refused rows of one part to quarantine and to left_out, and close what is no longer refused.
-- Needs:   scratch.sql; the setting migration.entity.
-- Rerun:   safe; first_seen stays.

insert into migration.quarantine as q (entity, source_key, region, reason, next_action, detail)
select current_setting('migration.entity'), r.source_key, r.region, r.reason, n.next_action, r.detail
  from refused r
  join reason n on n.name = r.reason and n.outcome = 'quarantined'
    on conflict (entity, source_key) do update
   set region = excluded.region, reason = excluded.reason, next_action = excluded.next_action, detail = excluded.detail,
       last_seen = now(), resolved_at = null
 where q.resolved_at is not null
    or (q.region, q.reason, q.next_action, q.detail) is distinct from (excluded.region, excluded.reason, excluded.next_action, excluded.detail);

insert into migration.left_out as l (entity, source_key, region, outcome, reason)
select current_setting('migration.entity'), r.source_key, r.region, n.outcome, r.reason
  from refused r
  join reason n on n.name = r.reason and n.outcome <> 'quarantined'
    on conflict (entity, source_key) do update
   set region = excluded.region, outcome = excluded.outcome, reason = excluded.reason
 where (l.region, l.outcome, l.reason) is distinct from (excluded.region, excluded.outcome, excluded.reason);

update migration.quarantine q
   set resolved_at = now()
  from known k
 where q.entity = current_setting('migration.entity') and q.source_key = k.source_key and q.resolved_at is null
   and not exists (select from refused r join reason n on n.name = r.reason and n.outcome = 'quarantined' where r.source_key = q.source_key);

delete from migration.left_out l
 using known k
 where l.entity = current_setting('migration.entity') and l.source_key = k.source_key
   and not exists (select from refused r join reason n on n.name = r.reason and n.outcome <> 'quarantined' where r.source_key = l.source_key);
