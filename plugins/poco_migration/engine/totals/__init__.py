"""The auditors' own queries (expectations/), run over both sides: sums of every column, balances holder by holder, what stays behind.

Called by engine/verify/measurement.py and uncounted.py. Refuses: a query of the auditors that does not say what it is of, or gives other
columns than it must.

Read first: control_totals.py. column_hash.py sums each column by itself; balances.py compares holder by holder; kept_back.py asks why rows
are set aside; behind.py sums up what hangs on rows that stay behind. Nothing here reads extract.sql, load.sql or readback.sql.
"""
