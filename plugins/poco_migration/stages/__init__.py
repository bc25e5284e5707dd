"""Rooms with one verb each: a stage composes the engine's machines and knows the order of its steps.

Called by dags/ through orchestration/dag_parts.py. No SQL here, and no stage imports another one but to hand its function on.
Read first: backfill.py, the shortest whole stage; then cutover.py, whose PLAN is its first page.
"""
