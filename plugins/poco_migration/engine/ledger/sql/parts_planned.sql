-- Purpose: the planned parts of these entities.
-- $1 entities
select entity, part_no, lo, hi from migration.part where entity = any ($1) order by entity, part_no
