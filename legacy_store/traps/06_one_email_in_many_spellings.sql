-- Purpose: a verified e-mail that differs by case, by blanks around it and by unicode form is one person.
-- Plants:  3 customers

select pg_temp.customer(900006001 + n, 'DE') from generate_series(0, 2) n;
update poco.customers set email_verified_at = '2023-01-02',
       email = (array['Trap.Six@Example.COM', E' trap.six@example.com\t', 'ｔrap.six＠example.com'])[id - 900006000] where id between 900006001 and 900006003;
