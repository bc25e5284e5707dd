-- Purpose: a return that is still open, and partial refunds above the payment. Money that was given back was given back.
-- Plants:  1 returns, 2 refunds

select pg_temp.customer(900022001, 'IT'), pg_temp.product(900022001, 'IT'), pg_temp.purchase(900022001, 'IT', 900022001), pg_temp.item(900022001, 900022001, 900022001), pg_temp.payment(900022001, 900022001);
insert into poco.returns values (900022001, 'IT', 900022001, 900022001, 1, 'too big', 1, '2024-10-18 10:00', null);
insert into poco.refunds values (900022001, 'IT', 900022001, 6000, null, 2, '2024-10-19 10:00'), (900022002, 'IT', 900022001, 6000, null, 2, '2024-10-19 11:00');
