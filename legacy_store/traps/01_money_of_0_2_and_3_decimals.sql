-- Purpose: money in minor units of currencies with 0, 2 and 3 decimals; POCO keeps IDR without any.
-- Plants:  4 orders

select pg_temp.customer(900001001, 'GLOBAL'), pg_temp.customer(900001002, 'ID');
select pg_temp.purchase(900001001 + n, 'GLOBAL', 900001001) from generate_series(0, 2) n;
select pg_temp.purchase(900001004, 'ID', 900001002);
update poco.orders set currency = 'KWD', subtotal_minor = 12345, total_minor = 12345, tax_minor = 1 where id = 900001001;
update poco.orders set currency = 'JPY', subtotal_minor = 1500,  total_minor = 1500,  tax_minor = 1 where id = 900001002;
update poco.orders set currency = 'USD', subtotal_minor = 1999,  total_minor = 1999,  tax_minor = 1 where id = 900001003;
update poco.orders set currency = 'IDR', subtotal_minor = 149999, total_minor = 149999, tax_minor = 1 where id = 900001004;
