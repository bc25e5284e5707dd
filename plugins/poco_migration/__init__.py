"""The POCO to Xiaomi migration.

A map of the house, from the front door inwards; each room may call only the rooms below it (tests/house/test_layers.py):

    dags/                 front doors: order, schedule, approvals
    doors.py              what every front door is made of
    stages/               rooms, one verb each: prepare, backfill, reconcile, cutover, reissue, history, archive, shutdown
    engine/               machines that know no entity by name: copying, parts, ledger, recon, gate,
                          certificate, fence, reissue ...
    adapters/             pipes: one outside library each (psycopg, boto3, great_expectations, pyarrow, phonenumbers, airflow)
    model.py settings.py  the words and the numbers everybody shares
    errors.py             what can go wrong, as one tree

Beside them, pure data: entities/ (what moves, one folder each), schema/ (the SQL installed on both sides),
migration.toml (every date, region, rule and limit). local/ is the stack on one machine, for demo and tests.
"""
