-- Control total: list prices by currency.
select upper(i.market) as region, r.currency || ' list prices' as bucket, sum(r.amount) as amount
  from mi.item_prices r
  join mi.brand_items i on i.item_id = r.item_id
 where r.origin = 'poco'
 group by 1, 2
