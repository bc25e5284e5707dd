-- Purpose: text that a careless pipe changes: emoji, right-to-left, combining marks, tabs, newlines, quotes, \N, NULL,
--          backslashes, edge blanks, and one megabyte of it.
-- Plants:  14 orders

select pg_temp.customer(900015001, 'IT');
select pg_temp.purchase(900015000 + n, 'IT', 900015001) from generate_series(1, 14) n;
update poco.orders set note = (array['👩‍👩‍👧‍👦 🇮🇹 📦', 'مرحبا بالعالم', 'שלום עולם', E'e\u0301 \u1E9B\u0323', E'tab\there', E'two\nlines\r\nthree', $$"double" 'single' ''$$,
       '\N', 'NULL', 'back\slash \\ \t', '  edge blanks  ', '', E'\u0001\u007f\u00a0\u200b\ufeff', repeat('1 MB of ñ€😀 ', 62000)])[id - 900015000]
 where id between 900015001 and 900015014;
