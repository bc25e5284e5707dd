-- Purpose: what was owed of an entity has been compared. In the transaction that has read it (repeatable read), so what is owed
--          anew meanwhile stays.
-- $1 entity
delete from migration.unproven where entity = $1
