-- Purpose: every file that some certificate names.
select distinct f ->> 'key' as key
  from migration.certificate c
 cross join jsonb_array_elements(
       coalesce(c.document::jsonb -> 'others', '[]') || coalesce(c.document::jsonb -> 'proof' -> 'evidence', '[]')) f
