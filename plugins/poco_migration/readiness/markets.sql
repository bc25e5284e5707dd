-- Side: target
-- Demanded: the market of every region that moves exists on mi.com and agrees on the loyalty programme
-- Next: Create the market on mi.com, or correct market or loyalty in migration.toml, then clear this task.
select s.region, coalesce(m.market || case when m.loyalty then ', loyalty' else ', no loyalty' end, 'missing') as measured,
       m.market is not null and m.loyalty = s.loyalty as ok
  from migration.scope s
  left join mi.markets m on m.market = s.market
 where s.decision = 'move'
