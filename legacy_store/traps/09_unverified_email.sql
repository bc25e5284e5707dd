-- Purpose: an e-mail that belongs to a Xiaomi account: joined when POCO verified it, never when it did not, because
--          that would hand one person's orders to another. The same for a phone number.
-- Plants:  4 customers

select pg_temp.customer(900009001 + n, 'IT') from generate_series(0, 3) n;
update poco.customers set email = 'own1@mi.example.com' where id in (900009001, 900009002);
update poco.customers set email_verified_at = '2023-01-02' where id = 900009001;
update poco.customers set phone = '347 000 1111' where id in (900009003, 900009004);
update poco.customers set phone_verified_at = '2023-01-02' where id = 900009003;
