-- Purpose: phone numbers as people write them.
-- Plants:  12 customers

select pg_temp.customer(900010000 + n, r.region)
  from unnest(array['UK', 'UK', 'FR', 'DE', 'IT', 'ES', 'ID', 'GLOBAL', 'GLOBAL', 'DE', 'FR', 'UK']) with ordinality as r (region, n);
update poco.customers set phone = (array['07700 900123', '+44 (0)7700 900124', '06.39.98.01.23', '(01512) 345-6789', '347 123 4567', '612 34 56 78',
       '0812-3456-7890', '+1 202 555 0123', '202 555 0124', 'call my wife', '0033 6 39 98 01 24', ' '])[id - 900010000]
 where id between 900010001 and 900010012;
