-- Side: source
-- Demanded: each configured region has at most one store, with a time zone PostgreSQL knows
-- Next: Correct poco.stores (the zone is an IANA name), then clear this task.
select s.region, s.time_zone as measured, exists (select from pg_timezone_names z where z.name = s.time_zone) as ok
  from poco.stores s
