-- Purpose: a person with an account in three regional stores.
-- Plants:  3 customers

select pg_temp.customer(900008001, 'UK'), pg_temp.customer(900008002, 'DE'), pg_temp.customer(900008003, 'IT');
update poco.customers set email_verified_at = '2023-01-02', email = 'trap.eight@example.com' where id between 900008001 and 900008003;
