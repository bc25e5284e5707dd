-- Purpose: children whose parent is gone, one of them India's.
-- Plants:  1 product_prices, 1 addresses, 1 consents, 1 orders, 2 order_items, 1 payments, 1 refunds, 1 returns, 1 shipments,
--          1 shipment_events, 2 reviews, 1 tickets, 1 ticket_messages, 1 warranty_claims, 1 coupon_redemptions, 1 points_ledger

insert into poco.product_prices values (900017001, 'DE', 900017999, 'EUR', 100, '2023-01-01', null);
insert into poco.addresses values (900017001, 'DE', 900017999, 'shipping', '{"name": "Nobody", "line1": "B", "city": "C", "country": "DE"}', true, '2024-03-01 10:00');
insert into poco.consents values (900017001, 'DE', 900017999, 'newsletter', true, '2024-03-01 10:00');
select pg_temp.purchase(900017001, 'DE', 900017999), pg_temp.item(900017001, 900017999, 1), pg_temp.payment(900017001, 900017999), pg_temp.parcel(900017001, 900017999);
insert into poco.refunds values (900017001, 'DE', 900017999, 100, 'Nobody', 2, null);
insert into poco.returns values (900017001, 'DE', 900017999, 900017999, 1, 'Nobody', 1, '2024-03-01 10:00', null);
insert into poco.shipment_events values (900017001, 'DE', 900017999, 1, 'departed', 'Nobody', '2024-02-04 10:00');
select pg_temp.customer(900017001, 'DE'), pg_temp.product(900017001, 'DE');
select pg_temp.review(900017001, 'DE', 900017999, 900017001), pg_temp.review(900017002, 'DE', 900017001, 900017999);
insert into poco.tickets values (900017001, 'DE', 900017999, null, 'Trap', 4, '2024-03-01 10:00', null);
insert into poco.ticket_messages values (900017001, 'DE', 900017999, 'customer', 'Nobody', '[]', '2024-03-01 10:00');
insert into poco.warranty_claims values (900017001, 'DE', 900017999, null, null, 'Trap', 1, '2024-03-01 10:00', null);
insert into poco.coupon_redemptions values (900017001, 'DE', 1, 900017999, null, 100, '2024-03-01 10:00');
insert into poco.points_ledger values (900017001, 'DE', 900017999, 'earned', 'posted', 5, null, null, '2024-03-01 10:00');
insert into poco.order_items values (900017002, 'IN', 900017999, 1, 'x', 'CANARY-IN orphan', 1, 1, 1);
