-- Purpose: already on Xiaomi; linked to an account that does not exist; linked to one account while the verified e-mail
--          belongs to another.
-- Plants:  3 customers

select pg_temp.customer(900014001 + n, 'ES') from generate_series(0, 2) n;
update poco.customers set mi_account_id = 2 where id = 900014001;
update poco.customers set mi_account_id = 5555555555 where id = 900014002;
update poco.customers set mi_account_id = 3, email = 'own4@mi.example.com', email_verified_at = '2023-01-02' where id = 900014003;
