-- Purpose: heaps of the quarantine that nobody sees to: no owner of the row, none of its reason.
select q.entity, q.region, q.reason, count(*) as rows
  from migration.quarantine q
  left join migration.reason_owner o on o.reason = q.reason
 where q.resolved_at is null and coalesce(nullif(q.owner, ''), o.owner) is null
 group by q.entity, q.region, q.reason
 order by q.entity, q.region, q.reason
