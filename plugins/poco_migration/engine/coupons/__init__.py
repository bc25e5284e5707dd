"""Every coupon that can be spent becomes a voucher, exactly once.

Called by stages/coupon_reissue.py. Refuses: a reissue whose customers could not be told their new codes.

Read first: reissue.py (reserve, issue, void, release). liability.py says what is owed at the freeze and now; notices.py writes the sealed
files for the mailing system.
"""
