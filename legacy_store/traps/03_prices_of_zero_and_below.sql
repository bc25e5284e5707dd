-- Purpose: a list price of zero or below is refused; a gift line of zero is not; below zero is.
-- Plants:  2 product_prices, 2 order_items, 1 orders

select pg_temp.customer(900003001, 'FR'), pg_temp.product(900003001, 'FR'), pg_temp.purchase(900003001, 'FR', 900003001), pg_temp.purchase(900003002, 'FR', 900003001);
insert into poco.product_prices values (900003001, 'FR', 900003001, 'EUR', 0, '2023-01-01', null), (900003002, 'FR', 900003001, 'EUR', -500, '2023-01-01', null);
select pg_temp.item(900003001, 900003001, 900003001), pg_temp.item(900003002, 900003001, 900003001);
update poco.order_items set unit_minor = 0, total_minor = 0 where id = 900003001;
update poco.order_items set unit_minor = -100, total_minor = -100 where id = 900003002;
update poco.orders set total_minor = -1 where id = 900003002;
