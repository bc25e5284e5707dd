-- Purpose: coupons that wait in quarantine for something that may have come about meanwhile (source keys), and where.
-- $1 entity
select source_key, region from migration.quarantine
 where entity = $1 and resolved_at is null and reason in ('held_by_order', 'taken_back', 'refused_by_target')
 order by 1
