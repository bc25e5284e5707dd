-- Purpose: which of these tables the source still publishes.
-- $1 entities
select tablename as name
  from pg_publication_tables
 where pubname = 'poco_migration' and schemaname = 'poco' and tablename = any ($1)
