-- Purpose: the tables of mi.com of which all may have changed.
select distinct table_name from migration.changed_at_mi where key is null order by 1
