-- Purpose: the shapes that were pinned, of the tables that one entity's copies touch or of all.
-- $1 entity; null is all
select side, table_name, fingerprint, description
  from migration.shape
 where $1::text is null or $1 = any (entities)
