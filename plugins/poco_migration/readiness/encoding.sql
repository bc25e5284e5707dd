-- Side: source
-- Demanded: the database is in UTF8
-- Next: A store in another encoding needs a conversion that is not part of this migration: stop and ask its owner.
select 'ALL' as region, current_setting('server_encoding') as measured, current_setting('server_encoding') = 'UTF8' as ok
