-- Purpose: how many keys of the newest archive are lost (neither there nor forgotten by an erasure since), and how many erased persons
--          have a key again.
-- Rule:    a key that was made behind the archive opens nothing in it, so it does not stand for a lost one.
select coalesce((select greatest(0, a.keys - (select count(*) from migration.person_key k where k.made_at <= a.made_at)
                                    - (select count(*) from migration.person_key_forgotten f where f.at > a.made_at))
                   from migration.archive a
                  where a.keys is not null
                  order by a.archive_id desc limit 1), 0) as lost,
       (select count(*) from migration.person_key k join migration.erasure e on e.customer = k.customer) as returned
