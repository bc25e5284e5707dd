-- Purpose: which master keys wrap the keys of how many persons.
select master, count(*) as persons from migration.person_key group by master order by master
