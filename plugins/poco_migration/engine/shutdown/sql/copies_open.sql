-- Purpose: the objects of the copies of persons' data that can still be fetched, or are just being made.
select object from migration.personal_export where deleted_at is null order by object
