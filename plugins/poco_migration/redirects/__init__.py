"""The redirect service: it says, for each of POCO's addresses, where at mi.com it leads. Runs alone, without Airflow or a database."""
