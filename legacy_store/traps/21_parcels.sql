-- Purpose: delivered before it was sent (with a scan that goes with it), and an order in two parcels.
-- Plants:  3 shipments, 1 shipment_events

select pg_temp.customer(900021001, 'DE'), pg_temp.purchase(900021001, 'DE', 900021001), pg_temp.purchase(900021002, 'DE', 900021001);
select pg_temp.parcel(900021001, 900021001), pg_temp.parcel(900021002, 900021002), pg_temp.parcel(900021003, 900021002);
update poco.shipments set delivered_at = '2024-02-01 09:00' where id = 900021001;
insert into poco.shipment_events values (900021001, 'DE', 900021001, 1, 'departed', 'Hub 1', '2024-02-04 10:00');
