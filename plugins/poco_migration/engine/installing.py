"""Installs the migration's own schemas on both sides and writes the configuration's decisions into them."""

from __future__ import annotations

from poco_migration import settings as paths
from poco_migration.adapters import postgres
from poco_migration.adapters.workplace import Workplace
from poco_migration.settings import Settings


def control_schema(place: Workplace) -> None:
    """The ledger on the target. Rerun: safe; nothing that is there is touched."""
    with postgres.connect(place.target, "target", name="install") as target, target.transaction():
        for path in sorted((paths.SCHEMA / "control").glob("*.sql")):
            postgres.script(target, postgres.statement(path))
        for region, row in _decisions(place.settings).items():
            target.execute(
                "insert into migration.scope as s (region, decision, market, loyalty, minimum_age) values (%s, %s, %s, %s, %s)"
                " on conflict (region) do update set decision = excluded.decision, market = excluded.market,"
                " loyalty = excluded.loyalty, minimum_age = excluded.minimum_age",
                (region, *row),
            )
        target.execute("delete from migration.scope where region <> all (%s)", (list(place.settings.regions),))


def export_schema(place: Workplace) -> None:
    """What may leave the source. Run as the owner of schema poco. Rerun: safe; a changed decision takes effect."""
    calendar = place.settings.calendar
    with postgres.connect(place.source_owner, "source", name="install") as source, source.transaction():
        for path in sorted((paths.SCHEMA / "source").glob("*.sql")):
            postgres.script(source, postgres.statement(path))
        source.execute("delete from poco_export.scope")
        for region, row in _decisions(place.settings).items():
            source.execute(
                "insert into poco_export.scope (region, decision, market, loyalty, minimum_age, time_zone)"
                " values (%s, %s, %s, %s, %s, (select time_zone from poco.stores where region = %s))",
                (region, *row, region),
            )
        source.execute(
            "insert into poco_export.rules (cutover_at, coupon_gap_ends) values (%s, %s)"
            " on conflict (only_row) do update set cutover_at = excluded.cutover_at, coupon_gap_ends = excluded.coupon_gap_ends",
            (calendar.cutover, calendar.deadline.coupon_reissue),
        )


def _decisions(settings: Settings) -> dict[str, tuple[str, str | None, bool, int]]:
    return {name: (region.decision, region.market, region.loyalty, region.minimum_age) for name, region in settings.regions.items()}
