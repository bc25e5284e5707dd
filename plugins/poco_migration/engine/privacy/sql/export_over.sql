-- Purpose: copies that are to go: those whose link is over, and all of these customers.
-- $1 customers
select object from migration.personal_export where deleted_at is null and (expires_at <= now() or customers && $1::bigint[]) order by object
