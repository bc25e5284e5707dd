-- Side: target
-- Demanded: the database is in UTF8
-- Next: mi.com's database must take every character that POCO holds: stop and ask its owner.
select 'ALL' as region, current_setting('server_encoding') as measured, current_setting('server_encoding') = 'UTF8' as ok
