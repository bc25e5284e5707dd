-- Purpose: count one copy of these parts, whole or of a range in them: what was compared before it commits proves nothing any more.
-- $1 entity, $2 part numbers
update migration.part set copies = copies + 1 where entity = $1 and part_no = any ($2::integer[])
