"""Before anything moves: is everything there that the rest relies on, and how long will it take?

Called by stages/prepare.py. Refuses: nothing itself; each check that fails is a finding that the gate judges.

Read first: readiness.py (the named checks). constraint_conflicts.py finds rows that mi.com's constraints would refuse; forecast.py and
copy_costs.py say rows, rejects, time and log; readiness_report.py writes the page; schema_install.py installs both schemas.
foreseeing.py notes how many rows will not move, before the first copy. secret_readiness.py asks for the keys of later stages,
bucket_readiness.py what the buckets can do.
"""
