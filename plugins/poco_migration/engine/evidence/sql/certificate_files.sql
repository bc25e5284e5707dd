-- Purpose: the files of one certificate, to be published.
-- $1 sequence
select document, signature, page from migration.certificate where sequence = $1
