#!/bin/sh
# Before the command: the passwords of the simple auth manager, out of the environment into a file in memory that only
# this container's user can read. Airflow takes them from nowhere else.
set -eu
if [ -n "${AIRFLOW_USER_PASSWORDS:-}" ]; then
  umask 077
  printf '%s' "$AIRFLOW_USER_PASSWORDS" >"$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
  unset AIRFLOW_USER_PASSWORDS
fi
exec "$@"
