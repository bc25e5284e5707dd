"""Between backfill and handover the store goes on selling: the log says which keys changed, and they are copied again.

Called by stages/follow.py, cutover.py, reconcile.py and coupon_reissue.py. Refuses: a slot that may have lost changes.

Read first: follower.py (one pass: capture, then apply). replication_slot.py makes, finds and drops the slot.
change_capture.py reads the log and notes dirty keys; applier.py copies them; consistent_point.py brings both sides to one instant;
backlog.py forecasts the log's growth.
departures.py tells when rows leave mi.com for the quarantine.
"""
