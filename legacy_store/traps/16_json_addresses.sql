-- Purpose: JSON with missing keys, blank values, a NUL escape, half a surrogate pair, a harmless escaped backslash, an
--          array where an object should be, and countries in every spelling.
-- Plants:  10 addresses, 3 orders

select pg_temp.customer(900016001, 'UK');
insert into poco.addresses (id, region, customer_id, kind, payload, is_default, created_at)
select 900016000 + n, 'UK', 900016001, 'shipping', p::json, false, '2024-03-01 10:00'
  from unnest(array['{"name": "Ann", "line1": "1 Road", "city": "Leeds", "country": "United Kingdom"}',
                    '{"name": " Ann ", "line1": "1 Road", "line2": " ", "city": "Leeds", "country": "uk", "postcode": "LS1"}',
                    '{"line1": "1 Road", "city": "Leeds", "country": "GB"}',
                    '{"name": "Ann", "line1": " ", "city": "Leeds", "country": "GB"}',
                    '{"name": "Ann\u0000", "line1": "1 Road", "city": "Leeds", "country": "GB"}',
                    '{"name": "Ann \ud83d", "line1": "1 Road", "city": "Leeds", "country": "GB"}',
                    '{"name": "Ann \\u0000", "line1": "1 Road", "city": "Leeds", "country": "GB"}',
                    '["Ann", "1 Road"]',
                    '{"name": "Ann", "line1": "1 Road", "city": "Leeds", "country": "Narnia"}',
                    '{"name": "Ann", "line1": "1 Road", "city": "Leeds"}']) with ordinality as a (p, n);
select pg_temp.purchase(900016001 + n, 'UK', 900016001) from generate_series(0, 2) n;
update poco.orders set shipping_address = '{"name": "\u0000"}' where id = 900016001;
update poco.orders set shipping_address = '{"name": "\\u0000", "extra": [1, 2.50, null]}' where id = 900016002;
