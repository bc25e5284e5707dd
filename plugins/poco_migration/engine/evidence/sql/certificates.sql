-- Purpose: every certificate of the chain and what its files are, without their content.
select sequence, stage, sha256, octet_length(document) as document_bytes,
       octet_length(signature) as signature_bytes, encode(sha256(convert_to(signature, 'UTF8')), 'hex') as signature_sha256,
       octet_length(page) as page_bytes, encode(sha256(convert_to(page, 'UTF8')), 'hex') as page_sha256
  from migration.certificate
 order by sequence
