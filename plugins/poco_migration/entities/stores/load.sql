-- Purpose: record which store each market took over. One row per store; nothing of Xiaomi's market changes.

insert into refused (source_key, region, reason)
select s.source_key, s.region, 'market_missing'
  from accepted s
 where not exists (select from mi.markets m where m.market = s.market);

-- Section: delete
delete from mi.market_origins t using gone g where t.origin_id = mi.poco_key(g.source_key);

-- Section: upsert
insert into mi.market_origins as t (origin_id, market, region, domain, language, currency, time_zone, opened_on)
select origin_id, market, region, domain, language, currency, time_zone, opened_on
  from accepted
    on conflict (origin_id) do update
   set market = excluded.market, region = excluded.region, domain = excluded.domain, language = excluded.language,
       currency = excluded.currency, time_zone = excluded.time_zone, opened_on = excluded.opened_on
 where (t.market, t.region, t.domain, t.language, t.currency, t.time_zone, t.opened_on)
       is distinct from
       (excluded.market, excluded.region, excluded.domain, excluded.language, excluded.currency, excluded.time_zone, excluded.opened_on);
