-- Purpose: the same verified e-mail on two accounts of one store.
-- Plants:  2 customers

select pg_temp.customer(900007001 + n, 'FR') from generate_series(0, 1) n;
update poco.customers set email_verified_at = '2023-01-02', email = 'trap.seven@example.com' where id between 900007001 and 900007002;
