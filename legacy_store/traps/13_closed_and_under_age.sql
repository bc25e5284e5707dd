-- Purpose: a closed account moves closed; a child does not move without a guardian, and neither does what is the child's.
-- Plants:  2 customers, 1 orders, 1 order_items

select pg_temp.customer(900013001, 'FR'), pg_temp.customer(900013002, 'FR'), pg_temp.product(900013001, 'FR');
update poco.customers set status = 2, closed_at = '2024-01-01 12:00' where id = 900013001;
update poco.customers set birth_date = '2012-01-01' where id = 900013002;
select pg_temp.purchase(900013001, 'FR', 900013002), pg_temp.item(900013001, 900013001, 900013001);
