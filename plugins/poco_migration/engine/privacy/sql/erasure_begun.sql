-- Purpose: a person is to be erased; who is already keeps what is known of it.
-- $1 customer, $2 account, $3 run
insert into migration.erasure as e (customer, account_id, run) values ($1, $2, $3)
    on conflict (customer) do update set account_id = coalesce(e.account_id, excluded.account_id), run = excluded.run
