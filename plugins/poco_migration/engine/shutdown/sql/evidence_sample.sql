-- Purpose: some of the files that certificates name, other ones in every run.
-- $1 run, $2 how many
select f.key, f.sha256
  from (select distinct on (f ->> 'key') f ->> 'key' as key, f ->> 'sha256' as sha256
          from migration.certificate c
         cross join jsonb_array_elements(
               coalesce(c.document::jsonb -> 'others', '[]') || coalesce(c.document::jsonb -> 'proof' -> 'evidence', '[]')) f
         order by f ->> 'key', c.sequence desc) f
 order by md5(f.key || $1)
 limit $2
