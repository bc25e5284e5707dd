"""The calendar: which stage may begin, and what is missing for the next date.

Called by stages/certification.py, the cockpit and the deadline alerts. Refuses: a stage that is early, or whose earlier stages have no
certificate.

Read first: stage_entry.py. countdown.py tells how long it is until each date and warns before it.
"""
