-- Purpose: what was so when the list of changes began.
select table_name, facts, whole from migration.watched
