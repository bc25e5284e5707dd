"""Pipes: one outside library each, imported in one file only. They know no entity and no stage.

Called by engine/. Read first: postgres.py (connections, errors in words, pipes), then objects.py (S3).
"""
