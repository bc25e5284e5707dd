-- Purpose: store-local times in the hour that daylight saving repeats (29 October 2023; 27 October 2024, inside the
--          migration) or skips (31 March 2024). The scans of the repeated hour keep their order by sequence number.
-- Plants:  3 orders, 2 shipment_events

select pg_temp.customer(900004001, 'DE'), pg_temp.customer(900004002, 'UK');
select pg_temp.purchase(900004001, 'DE', 900004001), pg_temp.purchase(900004002, 'DE', 900004001), pg_temp.purchase(900004003, 'UK', 900004002);
update poco.orders set placed_at = '2023-10-29 02:30' where id = 900004001;
update poco.orders set placed_at = '2024-03-31 02:30' where id = 900004002;
update poco.orders set placed_at = '2023-10-29 01:15' where id = 900004003;
select pg_temp.parcel(900004001, 900004001);
update poco.shipments set shipped_at = '2024-10-26 09:00', delivered_at = '2024-10-28 09:00' where id = 900004001;
insert into poco.shipment_events values (900004001, 'DE', 900004001, 1, 'departed', 'Hub 1', '2024-10-27 02:50'),
                                        (900004002, 'DE', 900004001, 2, 'arrived',  'Hub 2', '2024-10-27 02:10');
