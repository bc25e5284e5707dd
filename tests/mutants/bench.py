"""Where mutants are tried: a whole store, whose entities are copied one after the other, each first by its mutants.

A mutant is copied by the product's own copy() in a transaction that is taken back, and judged inside it. So nothing is mended
and nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from mutants import judging, statements
from poco_migration.adapters import postgres
from poco_migration.adapters.postgres import RowsRefused, sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine import connection_pair
from poco_migration.engine.copying import copier, poisoned_rows
from poco_migration.engine.totals import control_totals
from poco_migration.errors import DataRefused, MigrationError
from poco_migration.model import Entity, KeyRange, Receipt, Run

RUN = Run("mutants")
# Vouchers are not issued here: a total that is red for want of them kills nobody.
OF_VOUCHERS = {"coupon_value"}
# What is told of a row of the ledger besides when it was noted.
TIMES = {"first_seen", "last_seen", "since", "reissue_id", "planned_at", "changed_at"}


@dataclass(frozen=True)
class Outcome:
    """What became of one copy: the state it left, which expectations are red, and why it stopped if it did."""

    state: tuple[str, ...] = ()
    red: tuple[str, ...] = ()
    stopped: str = ""


@dataclass
class Bench:
    """The open connections of one store. `source` is the auditor's, `target` the migrator's."""

    place: Workplace
    link: connection_pair.Link
    source: postgres.Connection
    surrogates: frozenset[str] = field(default_factory=frozenset)
    sums: dict[tuple[Path, str], control_totals.Sums] = field(default_factory=dict)

    @property
    def target(self) -> postgres.Connection:
        return self.link.target

    def types(self, table: str) -> dict[str, str]:
        """The columns of a table of mi.com's with their types."""
        return dict(postgres.columns(self.target, f"select * from {table}"))

    def allowed(self, table: str, column: str) -> tuple[str, ...]:
        """The only values that a constraint on this column alone leaves it; nothing where there is no such list."""
        found = self.target.execute(
            "select array(select (regexp_matches(pg_get_constraintdef(c.oid), $$'([^']+)'::text$$, 'g'))[1]) from pg_constraint c"
            " join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]"
            " where c.contype = 'c' and c.conrelid = %s::regclass and a.attname = %s and pg_get_constraintdef(c.oid) like '%%= ANY%%'",
            (table, column),
        ).fetchone()
        return tuple(found[0]) if found else ()

    def tried(
        self, entity: Entity, spoilt: postgres.Query | None = None, sound: tuple[str, ...] = (), suspects: Sequence[int] = ()
    ) -> Outcome:
        """Copy the whole entity and judge it, then take both back. `spoilt` is run on the target before.

        What is in the state of a sound copy is not judged: it is no mutant. Rows that a database refuses are looked for among the
        suspects, where there are any.
        """
        try:
            with self.target.transaction(force_rollback=True), _looked_for(suspects):
                if spoilt:
                    self.target.execute(spoilt)
                copier.copy(self.link, entity, KeyRange(None, None), RUN)
                state = self.state(entity)
                return Outcome(state, () if state == sound else tuple(dict.fromkeys(self.judged(entity))))
        except MigrationError as error:
            return Outcome(stopped=f"{type(error).__name__}: {error}")

    def judged(self, entity: Entity) -> Iterator[str]:
        """What the gates say of the entity as it stands, in the open transaction."""
        control_totals.prepare_totals(self.source, self.target)
        control_totals.set_aside(self.source, self.target, entity)
        aside = str(postgres.value(self.source, "select count(*) || ' ' || coalesce(sum(hashtextextended(a::text, 0)), 0) from aside a"))
        self.target.execute("delete from migration.control_total where run = %s", (RUN.id,))
        with _source_once(self.sums, aside):
            for total in control_totals.compare_totals(self.source, self.target, entity, self.place.settings.moving()):
                if total.name not in OF_VOUCHERS:
                    control_totals.store_total(self.target, total, RUN)
        self.target.execute(
            "insert into migration.recon (run, entity, region, decision, source, migrated, merged, excluded, quarantined, missing, extra)"
            " values (%s, %s, 'DE', 'move', 0, 0, 0, 0, 0, 0, 0) on conflict do nothing",
            (RUN.id, entity.name),
        )
        self.target.execute("select set_config('migration.run', %s, true)", (RUN.id,))
        yield from judging.failed(self.target, until_red=True)

    def state(self, entity: Entity) -> tuple[str, ...]:
        """What a copy has left, as sums of hashes: the tables it writes, and the ledger. Numbers that a sequence gives are left out."""
        found = []
        for table in (*statements.tables(entity), "migration.quarantine", "migration.left_out"):
            ledger = (
                sql.SQL(" where t.entity = {}").format(sql.Literal(entity.name))
                if table.endswith(("quarantine", "left_out"))
                else sql.SQL("")
            )
            query = sql.SQL("select count(*) || ' ' || coalesce(sum(hashtextextended((to_jsonb(t) - {}::text[])::text, 0)), 0) from {} t{}").format(
                sql.Literal(sorted({*TIMES, *self.surrogates} - {entity.key})), sql.Identifier(*table.split(".")), ledger
            )  # fmt: skip
            found.append(str(postgres.value(self.target, query)))
        return tuple(found)


@contextmanager
def _looked_for(suspects: Sequence[int]) -> Iterator[None]:
    """Park the rows that are known to be changed where one is refused, where the product halves the part: it saves most of the time.

    One that is parked is red already, so it does not matter which of them are refused. Where none is known, every row is changed: the
    product would stop for too many of them, and so does this at once.
    """

    def find(_rehearse: Any, keys: tuple[int, ...], refusal: RowsRefused, _limit: int) -> dict[int, RowsRefused]:
        if found := {key: refusal for key in suspects if key in keys}:
            return found
        raise DataRefused(f"rows are refused by the {refusal.side} ({refusal.detail})")

    real, refused = copier._copy, list[RowsRefused]()

    def once(*asked: Any) -> Receipt:
        if refused and not asked[4]:  # the product tries once more, for a parent that somebody else deletes; nobody is here
            raise refused[0]
        try:
            return real(*asked)
        except RowsRefused as refusal:
            refused.append(refusal)
            raise

    with mock.patch.object(poisoned_rows, "find_poisoned", find), mock.patch.object(copier, "_copy", once):
        yield


@contextmanager
def _source_once(known: dict[tuple[Path, str], control_totals.Sums], aside: str) -> Iterator[None]:
    """Sum the source's side of a total once for the same rows aside: no mutant changes a row of the source."""
    real = control_totals.total_sums

    def total_sums(connection: postgres.Connection, path: Path, side: postgres.Side, moving: tuple[str, ...]) -> control_totals.Sums:
        if side == "target":
            return real(connection, path, side, moving)
        if (path, aside) not in known:
            known[path, aside] = real(connection, path, side, moving)
        return known[path, aside]

    with mock.patch.object(control_totals, "total_sums", total_sums):
        yield


@contextmanager
def opened(place: Workplace) -> Iterator[Bench]:
    """Both sides open; what a sequence numbers is found out."""
    with ExitStack() as stack:
        opened_ = stack.enter_context(connection_pair.connect(place, RUN, yielding=False))
        source = stack.enter_context(postgres.connect(place.source_auditor, "source", name="mutants"))
        numbered = opened_.target.execute(
            "select column_name from information_schema.columns where table_schema = 'mi' and is_identity = 'YES'"
            " and table_name in ('accounts', 'listings')"
        ).fetchall()
        yield Bench(place, opened_, source, frozenset(name for (name,) in numbered))
