-- Purpose: the version that the newest certificate of the stage redirects has verified; none without a certificate.
select distinct v.version, v.manifest_sha256, v.pages
  from migration.redirect_check c
  join migration.redirect_version v on v.version = c.version
 where c.run = (select run from migration.certificate where stage = 'redirects' order by sequence desc limit 1)
