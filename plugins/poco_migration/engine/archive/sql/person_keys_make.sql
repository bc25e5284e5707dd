-- Purpose: keep new keys; a person who has one already, made by somebody else at the same time, keeps that one. Returns whose is new.
insert into migration.person_key (customer, wrapped, master)
select customer, wrapped, $3 from unnest($1::bigint[], $2::bytea[]) as k (customer, wrapped)
    on conflict (customer) do nothing
returning customer
