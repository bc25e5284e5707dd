-- Purpose: orders whose total is not subtotal - discount + shipping. They were charged that way, so they stay that way.
-- Plants:  2 orders

select pg_temp.customer(900002001, 'DE');
select pg_temp.purchase(900002001 + n, 'DE', 900002001) from generate_series(0, 1) n;
update poco.orders set total_minor = 9999 where id = 900002001;
update poco.orders set discount_minor = 500 where id = 900002002;
