-- Purpose: an Indian customer's order in Germany, a German customer's order in India, an Indian article in a German order,
--          a German item in an Indian order and an Indian item in a German one.
-- Plants:  2 customers, 3 orders, 4 order_items, 1 products

select pg_temp.customer(900026001, 'IN'), pg_temp.customer(900026002, 'DE'), pg_temp.product(900026001, 'IN');
update poco.customers set full_name = 'CANARY-IN abroad', email = 'canary-in@example.com', email_verified_at = '2023-01-02' where id = 900026001;
update poco.products set name = 'CANARY-IN article' where id = 900026001;
select pg_temp.purchase(900026001, 'DE', 900026001), pg_temp.purchase(900026002, 'IN', 900026002), pg_temp.purchase(900026003, 'DE', 900026002);
select pg_temp.item(900026001, 900026002, 900026001), pg_temp.item(900026002, 900026003, 900026001);
update poco.orders set note = 'CANARY-IN order' where id = 900026002;
insert into poco.order_items values (900026003, 'DE', 900026002, 1, 'x', 'German item', 1, 1, 1), (900026004, 'IN', 900026003, 1, 'x', 'CANARY-IN item', 1, 1, 1);
