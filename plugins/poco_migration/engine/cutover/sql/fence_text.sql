-- Purpose: the text of the fence as it stands in the catalogue's table now (on the source). A call of the function could be
--          answered out of a session's cache, which hears of a change only when the session takes a lock.
select prosrc as text from pg_proc where oid = 'poco_export.fenced()'::regprocedure
