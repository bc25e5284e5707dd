-- Purpose: the pages of what mi.com sells without POCO's store ever having had it, such as a launch after the shutdown.
select m.store_front || '/product/' || l.sku_key as page
  from mi.listings l
  join mi.markets m on m.market = l.market
 where l.origin = 'mi'
