-- Purpose: of these entities those that were compared under another list of currencies, or never since there is a mark.
-- $1 entities, $2 mark
select e.entity
  from unnest($1::text[]) e (entity)
  left join migration.reference r on r.entity = e.entity
 where r.mark is distinct from $2
 order by e.entity
