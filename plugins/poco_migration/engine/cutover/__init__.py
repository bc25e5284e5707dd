"""The seconds in which the store is closed: the fence in POCO's database, the handover, and the opening after a failure.

Called by stages/cutover.py, history.py, coupon_reissue.py and final_shutdown.py. Refuses: a handover of what is on its way back, and one of
an attempt that was given up.

Read first: fence.py. handover.py changes the owner in one transaction; reopening.py opens what a failed or dead switch left closed;
since_signed.py holds what is true now against what two people have signed; stopping.py lets a stop from outside undo first.
"""
