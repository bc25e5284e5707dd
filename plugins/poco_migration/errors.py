"""What can go wrong, as one tree. Raised everywhere, caught in adapters/connections.py, which tells Airflow whether
a retry can help.

    MigrationError
    ├── NothingToDo           there is nothing left to do here, which is no fault: Airflow shows the task as skipped
    ├── RowsRefused           (adapters/postgres.py) a row of a part; copying finds it and parks it by name
    ├── TransientError        try again: a lost connection, a deadlock, a time-out
    │   ├── SourceError           on POCO's database
    │   ├── TargetError           on mi.com's database
    │   ├── ObjectStoreError      on S3
    │   ├── SecretsError          Airflow's REST API did not delete a connection
    │   ├── ServiceError          the redirect service did not answer
    │   └── AlertFailed           the mail server or the webhook did not take a message
    └── OperatorNeeded        a rerun alone will not help; the message says what to do first
        ├── ConfigurationError    migration.toml, an entity card or a suite is wrong
        ├── StageRefused          the stage before is not certified, or it is not yet time
        ├── GateStopped           a gate is red; its report says which expectation
        ├── ApprovalMissing       an approval is missing, rejected, or both are one person's
        ├── DataRefused           a database refuses rows in a way that no rule foresees
        ├── SchemaDrift           a table has changed its shape since the prepare stage accepted it
        ├── FenceFailed           the store could not be closed within the budget and is open
        ├── SlotLost              the source's log was forgotten before it was read
        │   └── SourceReplaced        POCO is another server now, which may lack what was read from the one before
        └── BacklogAlarm          following goes on, but falls behind, retains too much of the source's log, or rows leave mi.com

Messages hold keys, counts, names of tables and constraints, and the next action; never a value from a row.
"""


class MigrationError(Exception):
    """Anything this project raises on purpose."""


class NothingToDo(MigrationError):
    """What this run is for is over; the message says why."""


class TransientError(MigrationError):
    """A rerun can help; nothing was half done."""


class SourceError(TransientError):
    """POCO's database did not answer as it should."""


class TargetError(TransientError):
    """mi.com's database did not answer as it should."""


class ObjectStoreError(TransientError):
    """S3 did not answer as it should."""


class SecretsError(TransientError):
    """A secret could not be deleted; the task is tried again."""


class ServiceError(TransientError):
    """The redirect service did not answer as it should."""


class AlertFailed(TransientError):
    """Nobody was told; the message is tried again."""


class OperatorNeeded(MigrationError):
    """A person must act before a rerun makes sense."""


class ConfigurationError(OperatorNeeded):
    """A file of this project says something impossible."""


class StageRefused(OperatorNeeded):
    """The stage may not start now."""


class GateStopped(OperatorNeeded):
    """A gate is red."""


class ApprovalMissing(OperatorNeeded):
    """The signatures that an irreversible step needs are not there."""


class DataRefused(OperatorNeeded):
    """A database refuses rows in a way that no rule foresees."""


class SchemaDrift(OperatorNeeded):
    """A table that copies touch is not as it was when it was accepted."""


class FenceFailed(OperatorNeeded):
    """The store could not be closed within the budget; it is open."""


class SlotLost(OperatorNeeded):
    """Changes may be missing: the replication slot is gone, or has forgotten what was not read."""


class SourceReplaced(SlotLost):
    """POCO's server is not the one of which the log was read: rows that it lacks may be on the target."""


class BacklogAlarm(OperatorNeeded):
    """Following goes on, and somebody should look at it before it is lost or late."""
