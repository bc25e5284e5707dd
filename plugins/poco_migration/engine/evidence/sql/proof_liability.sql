-- Purpose: where the liability of the freeze is, for the certificate: the line 'freeze' is the sum of the others of its group.
-- $1 run
select region, currency, kind, audience, line, coupons, uses, worth
  from migration.liability where run = $1
 order by region, currency, kind, audience, line <> 'freeze', line <> 'issued', line
