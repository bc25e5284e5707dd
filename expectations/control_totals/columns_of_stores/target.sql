-- Control total: every column of stores, each summed by itself with the key; by POCO's keys.
select o.origin_id - mi.poco_key(0) as key, o.region, o.market, o.domain, o.language, o.currency, o.time_zone, o.opened_on
  from mi.market_origins o
