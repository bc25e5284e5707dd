"""A Variable that anybody with the role op may set moves the calendar of a rehearsal, and of nothing else."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from poco_migration import settings
from poco_migration.adapters import connections
from poco_migration.cockpit import app
from poco_migration.errors import ConfigurationError

DAYS = 1000


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has set the Variable. Airflow takes it from the environment as it does from its database."""
    monkeypatch.setenv(f"AIRFLOW_VAR_{connections.SHIFT.upper()}", str(DAYS * 86_400))
    monkeypatch.delenv(settings.REHEARSES, raising=False)


@pytest.mark.usefixtures("moved")
def test_the_real_calendar_cannot_be_moved_by_a_variable() -> None:
    with pytest.raises(ConfigurationError, match="Delete the Variable"):
        connections.configuration()
    with pytest.raises(ConfigurationError, match="Delete the Variable"):
        app.watched()


@pytest.mark.usefixtures("moved")
def test_a_rehearsal_s_calendar_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.REHEARSES, "true")
    assert connections.configuration().calendar.shift == timedelta(days=DAYS)


def test_without_the_variable_the_calendar_is_the_real_one_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, movable in (("false", False), ("", False), ("true", True)):
        monkeypatch.setenv(settings.REHEARSES, said)
        known = connections.configuration().calendar
        assert (known.shift, known.movable) == (timedelta(0), movable)


def test_the_digest_of_the_configuration_says_which_of_the_two_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.REHEARSES, "false")
    real = settings.configuration_digest()
    assert real == hashlib.sha256(settings.CONFIGURATION.read_bytes()).hexdigest()
    monkeypatch.setenv(settings.REHEARSES, "true")
    assert settings.configuration_digest() != real
    assert settings.load().model_copy(update={"calendar": None}) == _without_calendar(monkeypatch), (
        "a rehearsal differs in more than it should"
    )


def _without_calendar(monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    monkeypatch.setenv(settings.REHEARSES, "false")
    return settings.load().model_copy(update={"calendar": None})
