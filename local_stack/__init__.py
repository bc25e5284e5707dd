"""The stack on one machine, for the demo and the tests: three PostgreSQL servers, an S3 server and Airflow.

state.py        where everything lives, the ports and the secrets
servers.py      a PostgreSQL server as its DBA sees it; clusters.py runs one on this machine
databases.py    the roles and databases of both sides; stores.py fills them
deployment.py   both sides, the object store and the keys, and how Airflow is told of them; compose uses it too
supervision.py  the processes, under supervisord
stack.py        up, down, status
airflow_api.py  Airflow's own REST API, as a user
rehearsal.py    make demo: the whole calendar, played through that API
"""
