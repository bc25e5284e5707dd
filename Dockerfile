# The image of every Airflow process and of the redirect service (target production) and of the service that fills a rehearsal's databases (target
# demo). No layer holds a secret: docker-compose.yml hands them to the containers, .dockerignore keeps .env out.

# By tag: a digest is to be had from the registry only. docs/compose.md, "Pins", says how to put one here.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /tmp/requirements.txt
# Nothing is built here: a source package would run its own build, with tools that nobody has pinned.
# A new volume takes over the owner of the folder that it is mounted on: /var/log/airflow, /var/lib/objects for S3, /var/lib/redirects.
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes --only-binary :all: -r /tmp/requirements.txt \
 && useradd --uid 50000 --user-group --no-create-home --home-dir /var/lib/airflow --shell /usr/sbin/nologin airflow \
 && install -d -o airflow -g airflow -m 0700 /var/lib/airflow /var/log/airflow /var/lib/objects /var/lib/redirects

FROM packages AS sources
COPY plugins /opt/poco/plugins
# Bytecode is made here, once: the containers' file systems are read-only.
RUN python -m compileall -q /opt/poco/plugins

FROM packages AS production
COPY deploy/entrypoint.sh deploy/healthy.py /opt/poco/deploy/
COPY expectations /opt/poco/expectations
COPY dags /opt/poco/dags
COPY --from=sources /opt/poco/plugins /opt/poco/plugins
# Where things are in this image; addresses and secrets come from outside, and deploy/airflow.env has the rest.
ENV HOME=/var/lib/airflow \
    AIRFLOW_HOME=/var/lib/airflow \
    PYTHONPATH=/opt/poco/plugins \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/poco/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/poco/plugins \
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=/var/lib/airflow/passwords.json \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/log/airflow \
    AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY=/var/log/airflow/dag_processor
WORKDIR /opt/poco
USER airflow
ENTRYPOINT ["sh", "/opt/poco/deploy/entrypoint.sh"]

FROM production AS demo
COPY legacy_store /opt/poco/legacy_store
COPY mi_platform /opt/poco/mi_platform
COPY deploy/seed.py /opt/poco/deploy/
# The local stack rehearses; production does not have it.
COPY local_stack /opt/poco/local_stack
ENV PYTHONPATH=/opt/poco/plugins:/opt/poco
CMD ["python", "deploy/seed.py"]

# What is built when nobody says which.
FROM production
