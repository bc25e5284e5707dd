-- Purpose: rows imported from an older shop, with negative keys and one far above all others.
-- Plants:  2 customers, 2 orders

select pg_temp.customer(-17, 'UK'), pg_temp.customer(99999999999, 'UK'), pg_temp.purchase(-4, 'UK', -17), pg_temp.purchase(99999999999, 'UK', 99999999999);
