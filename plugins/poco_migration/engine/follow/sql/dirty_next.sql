-- Purpose: the next keys of an entity that were dirty when this pass began, in ascending order, each once; not those of a
--          part that has never been copied: its first copy takes them along.
-- $1 entity, $2 the newest sequence number of this pass, $3 the last key that was taken (null: none), $4 how many
select distinct d.source_key
  from migration.dirty d
 where d.entity = $1 and d.seq <= $2 and ($3::bigint is null or d.source_key > $3)
   and not exists (select from migration.part p
                    where p.entity = $1 and p.copied_at is null
                      and (p.lo is null or d.source_key >= p.lo) and (p.hi is null or d.source_key < p.hi))
 order by d.source_key
 limit $4
