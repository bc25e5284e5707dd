-- Purpose: what mi.com says of a market's origin, in the columns of poco.stores: the inverse of extract.sql (on POCO's database).
-- Needs:   returned, rows in the shape of readback.sql. One row per row of it. Order: none.
select r.source_key,
       r.region,
       null::text                as refused,
       r.time_zone,
       r.currency,
       r.language,
       r.domain,
       r.opened_on
  from returned r
