"""The POCO to Xiaomi migration.

A map of the house, from the front door inwards; each room may call only the rooms below it (tests/house/test_layers.py):

    dags/                 front doors: order, schedule, approvals
    orchestration/        what every front door is made of
    stages/               one verb each: prepare, backfill, follow, reconcile, cutover, rollback, coupon_reissue, history, archive,
                          redirects, final_shutdown, after, personal_data
    engine/               machines that know no entity by name, one room for each capability (engine/__init__.py is their map)
    redirects/            the service that answers POCO's addresses after the shutdown
    adapters/             pipes: one outside library each (psycopg, boto3, great_expectations, pyarrow, phonenumbers, airflow)
    model.py settings.py  the words and the numbers that everybody shares
    errors.py             what can go wrong, as one tree

Beside them: cockpit/ (the page in Airflow), and pure data: entities/ (what moves, one folder each), schema/ (the SQL installed on
both sides), readiness/ (what is asked before anything moves), migration.toml (every date, region, rule and limit).
The stack on one machine, for demo and tests, is local_stack/ beside the package: it does not ship.
"""
