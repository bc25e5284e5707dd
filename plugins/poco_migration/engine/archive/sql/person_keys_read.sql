-- Purpose: the wrapped keys of these persons, as far as they have one.
select customer, wrapped from migration.person_key where customer = any ($1::bigint[])
