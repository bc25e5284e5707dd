"""The page POCO in Airflow's menu: where the migration is, what is red, what to do next.

Served by app.py behind Airflow's own login; overview.py reads what it shows. Reads only.
"""
