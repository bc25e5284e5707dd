-- Purpose: the parts of an entity that are to be copied whole again.
-- $1 entity
select lo, hi from migration.part where entity = $1 and wanted > done and copied_at is not null order by part_no
