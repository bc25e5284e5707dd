-- Purpose: where a run has asked for fewer addresses than the newest certificate of the redirects stands on: of the catalogue and the map,
--          which are mi.com's and the migration's own. POCO's files may go with its bucket.
-- $1 run
select c.region, c.origin, c.asked as certified, coalesce(n.asked, 0) as asked
  from migration.redirect_check c
  left join migration.redirect_check n on n.run = $1 and (n.region, n.origin) = (c.region, c.origin)
 where c.run = (select run from migration.certificate where stage = 'redirects' order by sequence desc limit 1)
   and c.origin in ('catalogue', 'map')
   and coalesce(n.asked, 0) < c.asked
 order by c.region, c.origin
