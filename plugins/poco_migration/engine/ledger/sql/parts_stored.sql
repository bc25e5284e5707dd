-- Purpose: the planned parts of an entity, in key order.
-- $1 entity
select lo, hi from migration.part where entity = $1 order by part_no
