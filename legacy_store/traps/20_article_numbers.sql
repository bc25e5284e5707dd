-- Purpose: two article numbers that differ by case, and one that is blank.
-- Plants:  3 products

select pg_temp.product(900020001 + n, 'UK') from generate_series(0, 2) n;
update poco.products set sku = (array['Trap-Twenty', 'TRAP-twenty', ' '])[id - 900020000] where id between 900020001 and 900020003;
