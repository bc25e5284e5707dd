-- Purpose: a payment is partly refunded.
-- $1 a fresh key, $2 a random number, $3 now in the store. Returns the written rows: entity, source_key, region.
insert into poco.refunds (id, region, payment_id, amount_minor, reason, status, refunded_at)
select $1, p.region, p.id, greatest(p.amount_minor / 4, 1), 'scratched', 2, $3
  from poco.payments p
 where p.status = 2 and p.amount_minor > 10 and p.id >= $2 % (select max(id) from poco.payments where id < 900000000)
 order by p.id limit 1
returning 'refunds' as entity, id as source_key, region
