"""Both sides compared row by row, counted and summed. It notes facts; the gates judge them.

Called by stages/reconcile.py and by every stage that measures. Refuses: a switch while rows were copied whole and never compared since.

Read first: row_diff.py (one part compared by hashes), then recheck.py (a key that differs is looked at again, and repaired).
row_hash.py is the hash; reverification.py looks again at keys copied since; currency_list.py asks whether amounts still
mean the same; unmatched_rows.py finds target rows without a source row; row_equations.py counts outcomes; measurement.py takes them and
the auditors' totals (engine/totals) at one instant; uncounted.py names what a count after the switch cannot count any more.
"""
