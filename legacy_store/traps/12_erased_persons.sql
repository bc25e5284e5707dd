-- Purpose: a person who asked to be erased, with leftovers. The sale stays, without the person; nothing else moves.
-- Plants:  1 customers, 1 addresses, 1 consents, 1 orders, 1 reviews, 1 tickets, 1 coupons, 1 points_ledger

select pg_temp.customer(900012001, 'DE'), pg_temp.product(900012001, 'DE'), pg_temp.purchase(900012001, 'DE', 900012001);
update poco.customers set status = 3, erased_at = '2024-05-01', full_name = null, birth_date = null, note = 'ERASED-LEFTOVER' where id = 900012001;
update poco.orders set note = 'ERASED-LEFTOVER', shipping_address = '{"name": "ERASED-LEFTOVER"}' where id = 900012001;
insert into poco.addresses values (900012001, 'DE', 900012001, 'shipping', '{"name": "ERASED-LEFTOVER", "line1": "B", "city": "C", "country": "DE"}', true, '2024-03-01 10:00');
insert into poco.consents values (900012001, 'DE', 900012001, 'newsletter', true, '2024-03-01 10:00');
select pg_temp.review(900012001, 'DE', 900012001, 900012001), pg_temp.coupon(900012001, 'DE', 900012001);
insert into poco.tickets values (900012001, 'DE', 900012001, null, 'ERASED-LEFTOVER', 4, '2024-03-01 10:00', null);
insert into poco.points_ledger values (900012001, 'DE', 900012001, 'earned', 'posted', 70, null, null, '2024-03-01 10:00');
