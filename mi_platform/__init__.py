"""Xiaomi's side: the DDL of what POCO moves into, and a seed that makes it alive before anything has moved.

Most POCO customers have an account here already (the POCO login was the Mi account), some POCO articles are sold here,
and there are people, orders and prices that have nothing to do with POCO and must not change.
"""
