-- Purpose: the keys of these regions are written down.
-- $1 entity, $2 regions
update migration.system_of_record set keys_noted_at = clock_timestamp() where entity = $1 and region = any ($2)
