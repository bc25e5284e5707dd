-- Control total: every column of list prices, each summed by itself with the key; by POCO's keys.
select r.price_id - mi.poco_key(0) as key, upper(i.market) as region, r.item_id - mi.poco_key(0) as article, r.currency, r.amount,
       r.valid_from as begins, r.valid_to as ends
  from mi.item_prices r
  join mi.brand_items i on i.item_id = r.item_id
 where r.origin = 'poco'
