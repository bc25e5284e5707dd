-- Purpose: what the store's own program may do in its database.
-- Rerun:   safe.

grant usage on schema poco to poco_app;
grant select, insert, update, delete on all tables in schema poco to poco_app;
