-- Purpose: make the rows that hang on this copy's changes dirty, and forget what this copy has done.
-- Rule:    dirty rows are appended, never merged with what is there: somebody may be clearing that at this moment. And
--          they are cleared by sequence number, never by key: the key may have become dirty again since they were read.
-- Needs:   scratch.sql; the setting migration.entity.
insert into migration.dirty (entity, source_key, family)
select distinct entity, source_key, true from kids
 where entity in (select entity from migration.followed)
 order by 1, 2;

insert into migration.dirty (entity, source_key, family)
select current_setting('migration.entity'), source_key, true from staying
 order by 2;

delete from migration.dirty d using changed c
 where d.entity = current_setting('migration.entity') and d.source_key = c.source_key and d.seq = c.seq;

insert into migration.leaving (entity, source_key)
select current_setting('migration.entity'), source_key from staying
    on conflict do nothing;

delete from migration.leaving l
 using touched k
 where l.entity = current_setting('migration.entity') and l.source_key = k.source_key
   and not exists (select from staying s where s.source_key = l.source_key);
