"""The stack on one machine, for the demo and the tests: three PostgreSQL servers, an S3 server and Airflow.

state.py        where everything lives, the ports and the secrets
clusters.py     PostgreSQL servers and the databases and roles in them
supervision.py  the processes, under supervisord
stack.py        up, down, status
airflow_api.py  Airflow's own REST API, as a user
rehearsal.py    make demo: the whole calendar, played through that API
"""
