-- Purpose: a currency POCO has no exponent for, a quantity of zero, device numbers in and out of form.
-- Plants:  1 orders, 1 order_items, 2 warranty_claims, 1 product_prices

select pg_temp.customer(900027001, 'FR'), pg_temp.product(900027001, 'FR'), pg_temp.purchase(900027001, 'FR', 900027001), pg_temp.purchase(900027002, 'FR', 900027001), pg_temp.item(900027001, 900027002, 900027001);
update poco.orders set currency = 'ZZZ' where id = 900027001;
update poco.order_items set quantity = 0 where id = 900027001;
insert into poco.warranty_claims values (900027001, 'FR', 900027001, null, '86 000 000-000 001/2', 'Trap', 1, '2024-03-01 10:00', null),
                                        (900027002, 'FR', 900027001, null, 'unknown', 'Trap', 1, '2024-03-01 10:00', null);
insert into poco.product_prices values (900027001, 'FR', 900027001, 'ZZZ', 100, '2023-01-01', null);
