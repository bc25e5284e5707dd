-- Purpose: rows of a store that never opened.
-- Plants:  1 customers, 1 products, 1 orders, 1 order_items, 1 reviews, 1 coupons, 1 addresses

select pg_temp.customer(900025001, 'XX'), pg_temp.product(900025001, 'XX'), pg_temp.purchase(900025001, 'XX', 900025001), pg_temp.item(900025001, 900025001, 900025001),
       pg_temp.review(900025001, 'XX', 900025001, 900025001), pg_temp.coupon(900025001, 'XX', 900025001);
insert into poco.addresses values (900025001, 'XX', 900025001, 'shipping', '{"name": "CANARY-XX", "line1": "B", "city": "C", "country": "DE"}', true, '2024-03-01 10:00');
