-- Control total: every column of orders, and whose they are, each summed by itself with the key. Entity: orders
-- Hashed: one row for each that should be at mi.com.
-- An erased person's order moves without the person.
with purchase as (
select o.*, s.time_zone, k.market, o.placed_at at time zone s.time_zone as placed,
       exists (select from poco.customers p where p.id = o.customer_id and p.status = 3)
       or exists (select from poco_export.tombstones b where b.customer_id = o.customer_id) as erased
  from poco_export.audited_orders o
  join poco.stores s on s.region = o.region
  join poco_export.scope k on k.region = o.region
 where o.id not in (select source_key from aside))
select p.id as key, p.region, 'PO' || p.market || '-' || p.id as number, p.order_number as number_of_poco,
       case when not erased then p.customer_id end as customer,
       case when p.customer_id is null then 'guest' when erased then 'erased' else 'member' end as buyer,
       case when not erased then nullif(lower(normalize(regexp_replace(p.guest_email, E'^[ \t\r\n\u00a0\u200b]+|[ \t\r\n\u00a0\u200b]+$', '', 'g'), NFKC)), '') end as guest_email,
       case when not erased then nullif(btrim(p.guest_phone), '') end as guest_phone,
       case p.status when 10 then 'placed' when 20 then 'paid' when 30 then 'packed' when 40 then 'shipped' when 50 then 'delivered'
                     when 60 then 'cancelled' when 70 then 'returned' end as status,
       p.currency, round(p.subtotal_minor / (10::numeric ^ c.exponent), 3) as subtotal, round(p.discount_minor / (10::numeric ^ c.exponent), 3) as discount,
       round(p.shipping_minor / (10::numeric ^ c.exponent), 3) as shipping, round(p.tax_minor / (10::numeric ^ c.exponent), 3) as tax,
       round(p.total_minor / (10::numeric ^ c.exponent), 3) as total, p.subtotal_minor - p.discount_minor + p.shipping_minor = p.total_minor as adds_up,
       case when not erased and pg_input_is_valid(p.shipping_address::text, 'jsonb') then p.shipping_address::jsonb end as ship_to, case when not erased then p.note end as note,
       p.placed, p.placed_at as placed_local,
       case when p.placed at time zone p.time_zone <> p.placed_at then 'skipped hour'
            when (p.placed - interval '1 hour') at time zone p.time_zone = p.placed_at then 'repeated hour' else 'exact' end as time_quality,
       p.updated_at at time zone p.time_zone as updated
  from purchase p
  join poco.currencies c on c.code = p.currency
