-- Purpose: how far the source's log had been read when a certificate was issued.
select slot, captured::text as captured, lost is null as whole from migration.stream order by slot
