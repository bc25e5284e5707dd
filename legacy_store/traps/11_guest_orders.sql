-- Purpose: orders of people without an account.
-- Plants:  2 orders

select pg_temp.purchase(900011001, 'UK', null), pg_temp.purchase(900011002, 'ID', null);
update poco.orders set guest_email = ' Guest@Example.com ', guest_phone = '07700 900125' where id = 900011001;
