-- Purpose: what migration.toml says now of one region's points (on the target).
-- $1 region, $2 loyalty, $3 and $4 mi.com's points for how many of POCO's
update migration.scope
   set loyalty = $2, points_new = $3, points_old = $4
 where region = $1 and (loyalty, points_new, points_old) is distinct from ($2, $3::bigint, $4::bigint)
