-- Side: source
-- Demanded: orders, payments, prices and coupons in use name currencies of poco.currencies (single bad rows of a region go to quarantine; see assess.single_rows)
-- Next: Add the currency and its exponent to poco.currencies, then clear this task.
with used (region, currency, rows) as (
    select region, currency, count(*) from poco.orders group by 1, 2
     union all select region, currency, count(*) from poco.payments group by 1, 2
     union all select region, currency, count(*) from poco.product_prices group by 1, 2
     union all select region, currency, count(*) from poco.coupons group by 1, 2
),
unknown as (
    select region, sum(rows) as rows, string_agg(distinct currency, ' ' order by currency) as currencies
      from used u
     where not exists (select from poco.currencies c where c.code = u.currency)
     group by region
)
select r.region, coalesce(u.rows || ' rows in ' || u.currencies, 'all known') as measured,
       coalesce(u.rows, 0) <= current_setting('migration.single_rows')::integer as ok
  from unnest(string_to_array(current_setting('migration.moving'), ',')) r (region)
  left join unknown u on u.region = r.region
