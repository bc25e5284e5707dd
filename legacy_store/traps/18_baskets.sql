-- Purpose: an order without items, an item whose article was deleted long ago, one article number twice in an order.
-- Plants:  2 orders, 3 order_items

select pg_temp.customer(900018001, 'ES'), pg_temp.product(900018001, 'ES'), pg_temp.purchase(900018001, 'ES', 900018001), pg_temp.purchase(900018002, 'ES', 900018001);
select pg_temp.item(900018001, 900018002, 900018999), pg_temp.item(900018002, 900018002, 900018001), pg_temp.item(900018003, 900018002, 900018001);
