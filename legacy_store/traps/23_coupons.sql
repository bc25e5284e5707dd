-- Purpose: every kind and every life of a coupon.
-- Plants:  12 coupons

select pg_temp.customer(900023001, 'DE'), pg_temp.purchase(900023001, 'DE', 900023001);
select pg_temp.coupon(900023000 + n, 'DE', 900023001) from generate_series(1, 12) n;
update poco.coupons set kind = 2, value_minor = null, percent = 12.5 where id = 900023002;
update poco.coupons set kind = 3, value_minor = null where id = 900023003;
update poco.coupons set customer_id = null, uses_total = 500, uses_left = 321, per_customer = 2, stackable = true, category = 'phones', minimum_minor = 4999 where id = 900023004;
update poco.coupons set status = 2, uses_left = 0 where id = 900023005;
update poco.coupons set status = 3 where id = 900023006;
update poco.coupons set status = 4 where id = 900023007;
update poco.coupons set reserved_order_id = 900023001 where id = 900023008;
update poco.coupons set valid_until = '2024-11-01 12:00' where id = 900023009;
update poco.coupons set valid_until = '2024-10-20 12:00' where id = 900023010;
update poco.coupons set kind = 1, value_minor = null, percent = 10 where id = 900023011;
update poco.coupons set uses_left = 0 where id = 900023012;
