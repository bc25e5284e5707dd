"""A migrated store with three people in it who have something everywhere, for the tests of personal data."""

from __future__ import annotations

import csv
import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from support.certificates import confirmed
from support.whole_person import ZERO, Somebody, arrive
from support.workplaces import RUN, Servers, clone, copy_all, copy_objects, install

from poco_migration.adapters.objects import ObjectStore
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import cards, connection_pair
from poco_migration.engine.verify import row_diff, row_equations
from poco_migration.model import KeyRange, Run
from poco_migration.stages import personal_data

ANNA, BERTA, CARLA = 910_000_001, 910_000_002, 910_000_003
EXPORTS = "personal-exports"


def asked(what: str, number: int = 1, **key: int | None) -> Run:
    return Run(f"poco_personal_data/{what}-{number}", asked={"what": what, "account_id": None, "customer_id": None} | key)


def erase(place: Workplace, customer: int = ANNA, number: int = 1) -> dict[str, Any]:
    run = asked("erase", number, customer_id=customer)
    return personal_data.erase(place, run, confirmed(place, run))


def copies(place: Workplace) -> list[tuple[str, str]]:
    with psycopg.connect(place.target) as target:
        return target.execute("select object, link from migration.personal_export where deleted_at is null order by made_at").fetchall()


def bundle(place: Workplace) -> tuple[dict[str, Any], dict[str, list[dict[str, str]]], str]:
    """The newest copy, fetched by its link as its owner would: the JSON, the CSV files and the page."""
    with urllib.request.urlopen(copies(place)[-1][1]) as fetched, zipfile.ZipFile(io.BytesIO(fetched.read())) as made:
        tables = {name: list(csv.DictReader(io.StringIO(made.read(name).decode()))) for name in made.namelist() if name.endswith(".csv")}
        return json.loads(made.read("data.json")), tables, made.read("index.html").decode()


@dataclass
class People:
    """A migrated store with Anna; Berta, who shares her verified address and so her account; and Carla, a stranger."""

    place: Workplace
    anna: Somebody
    berta: Somebody
    carla: Somebody

    def value(self, query: str, *given: Any, side: str = "mi") -> Any:
        with psycopg.connect(self.place.target if side == "mi" else self.place.source_owner) as database:
            row = database.execute(query, given).fetchone()
        return row and row[0]

    def store(self, *statements: str) -> None:
        with psycopg.connect(self.place.source_owner, autocommit=True) as store:
            for statement in statements:
                store.execute(statement)

    def account(self) -> int:
        return int(self.value("select account_id from mi.profiles where profile_id = %s", ZERO + ANNA))

    def equations(self) -> dict[tuple[str, str], int]:
        """What is left of each equation; nothing when all close."""
        with connection_pair.connect(self.place, RUN) as opened:
            measured = row_equations.measure_equations(opened, cards.moving_at("cutover", "history"), RUN)
        return {(e.entity, e.region): e.remainder for e in measured if e.remainder}

    def differences(self) -> dict[str, dict[int, str]]:
        """Keys that are not equal on both sides, whoever owns them; what is set aside has its reason in the ledger."""
        with connection_pair.connect(self.place, RUN) as opened:
            looked = {e.name: row_diff.diff_part(opened, e, KeyRange(None, None)).kinds for e in cards.moving_at("cutover", "history")}
        unequal = {name: {key: kind for key, kind in kinds.items() if kind != "held"} for name, kinds in looked.items()}
        return {name: kinds for name, kinds in unequal.items() if kinds}


def persons() -> tuple[Somebody, Somebody, Somebody]:
    shared = "house@example.com"
    return (
        Somebody(ANNA, "Annacanary", email=shared),
        Somebody(BERTA, "Bertacanary", region="FR", email=shared),
        Somebody(CARLA, "Carlacanary"),
    )


def migrated(servers: Servers) -> Workplace:
    """Copied once; each test has a copy of these databases."""
    place = clone(servers)
    with psycopg.connect(place.source_owner, autocommit=True) as store:
        for somebody in persons():
            arrive(store, somebody)
    install(place)
    copy_all(place)
    return place


@contextmanager
def copied(servers: Servers, crowd: Workplace, objects: ObjectStore) -> Iterator[People]:
    """The same people in databases of their own, with their photos and attachments."""
    names = [str(conninfo_to_dict(dsn)["dbname"]) for dsn in (crowd.source, crowd.target)]
    place = clone(servers, *names)
    bucket = f"people-{next(_buckets)}"
    objects.ensure_bucket(bucket)
    kept = place.settings.objects.model_copy(update={"evidence": bucket})
    place = replace(place, objects=objects, settings=place.settings.model_copy(update={"objects": kept}))
    crew = persons()
    for one in crew:
        for key in (f"reviews/{one.mark}.jpg", f"tickets/{one.mark}.pdf"):
            objects.put("poco-media", key, f"{one.mark} {key}".encode())
    copy_objects(place)
    yield People(place, *crew)
    for bucket in ("poco-media", "mi-media", EXPORTS):
        for key in list(objects.keys(bucket)):
            objects.delete(bucket, key)


_buckets = count(1)
