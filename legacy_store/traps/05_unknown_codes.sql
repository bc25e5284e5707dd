-- Purpose: statuses, kinds and codes that no document of POCO's mentions, one in every table that has them.
-- Plants:  1 customers, 1 products, 1 orders, 2 payments, 1 refunds, 1 returns, 1 shipments, 1 shipment_events,
--          1 reviews, 1 tickets, 1 ticket_messages, 1 warranty_claims, 1 consents, 1 points_ledger, 1 addresses

select pg_temp.customer(900005001, 'ES'), pg_temp.customer(900005002, 'ES'), pg_temp.product(900005001, 'ES'), pg_temp.product(900005002, 'ES');
update poco.customers set status = 8 where id = 900005002;
update poco.products set status = 9 where id = 900005002;
select pg_temp.purchase(900005001, 'ES', 900005001), pg_temp.purchase(900005002, 'ES', 900005001);
update poco.orders set status = 99 where id = 900005002;
select pg_temp.item(900005001, 900005001, 900005001), pg_temp.payment(900005001, 900005001);
select pg_temp.payment(900005002 + n, 900005001) from generate_series(0, 1) n;
update poco.payments set status = 77 where id = 900005002;
update poco.payments set method = 'barter' where id = 900005003;
insert into poco.refunds values (900005001, 'ES', 900005001, 100, null, 66, null);
insert into poco.returns values (900005001, 'ES', 900005001, 900005001, 1, null, 44, '2024-03-01 10:00', null);
select pg_temp.parcel(900005001, 900005001), pg_temp.parcel(900005002, 900005001);
update poco.shipments set status = 55 where id = 900005002;
insert into poco.shipment_events values (900005001, 'ES', 900005001, 1, 'teleported', null, '2024-02-04 10:00');
select pg_temp.review(900005001, 'ES', 900005001, 900005001);
update poco.reviews set status = 22 where id = 900005001;
insert into poco.tickets values (900005001, 'ES', 900005001, null, 'Trap', 33, '2024-03-01 10:00', null), (900005002, 'ES', 900005001, null, 'Trap', 1, '2024-03-01 10:00', null);
insert into poco.ticket_messages values (900005001, 'ES', 900005002, 'robot', 'Trap', '[]', '2024-03-01 10:00');
insert into poco.warranty_claims values (900005001, 'ES', 900005001, null, null, 'Trap', 11, '2024-03-01 10:00', null);
insert into poco.consents values (900005001, 'ES', 900005001, 'horoscope', true, '2024-03-01 10:00');
insert into poco.points_ledger values (900005001, 'ES', 900005001, 'conjured', 'posted', 5, null, null, '2024-03-01 10:00');
insert into poco.addresses values (900005001, 'ES', 900005001, 'holiday', '{"name": "A", "line1": "B", "city": "C", "country": "ES"}', false, '2024-03-01 10:00');
