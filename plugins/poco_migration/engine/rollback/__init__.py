"""The way back after a cutover: what changed at mi.com comes back into POCO's tables, and POCO sells again.

Called by stages/rollback.py; rehearsal.py by stages/cutover.py. Refuses: a return after the coupons are reissued, the history closed.

Read first: bring_back.py. inverse_mapping.py runs each entity's inverse.sql; new_rows.py brings rows that were made at mi.com;
way_back.py changes the owner; rehearsal.py proves the inverse before the switch.
"""
