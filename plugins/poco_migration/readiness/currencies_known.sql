-- Side: source
-- Demanded: orders and payments in use name currencies of poco.currencies (single bad rows go to quarantine)
-- Next: Add the currency and its exponent to poco.currencies, then clear this task.
select 'ALL' as region, count(*) || ' orders in ' || coalesce(string_agg(distinct o.currency, ', '), 'none') as measured, count(*) < 100 as ok
  from poco.orders o
 where not exists (select from poco.currencies c where c.code = o.currency)
