"""What the migration knows of itself, in the control schema on mi.com's side.

Called by every room above. Refuses: a copy of rows that mi.com owns (ownership.require_writable).

Read first: parts.py (the plan of key ranges, and which parts a copy touches), then locks.py (every advisory lock, with the order in which
they are taken). ownership.py says who owns writes; tombstones.py who is erased; step_log.py which steps of a switch were taken.
"""
