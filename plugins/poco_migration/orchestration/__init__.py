"""What the files in dags/ are made of: DAGs with the house's habits, tasks for people, alerts before a date.

Called by dags/ only. Read first: dag_parts.py. human_approval.py asks people and keeps what they answer; deadline_alerts.py is called
back by Airflow before a date.
"""
