"""People with something in every table, for the tests of personal data: migrated once, and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.population import People, copied, migrated
from support.workplaces import Servers

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace


@pytest.fixture(scope="session")
def crowd(servers: Servers) -> Workplace:
    return migrated(servers)


@pytest.fixture
def people(servers: Servers, crowd: Workplace, objects: ObjectStore) -> Iterator[People]:
    with copied(servers, crowd, objects) as made:
        yield made
