-- Purpose: note a version that is in the bucket; one that was published before stays as it is noted.
-- $1 version, $2 SHA-256 of its manifest, $3 pages, $4 run
insert into migration.redirect_version (version, manifest_sha256, pages, run) values ($1, $2, $3, $4) on conflict (version) do nothing
