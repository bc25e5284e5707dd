"""The photos and attachments that a person's rows name: deleted in both buckets, every version, unless another's row names them too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from poco_migration.adapters import object_versions, postgres
from poco_migration.adapters.postgres import sql
from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.privacy import data_subject, inventory, residue_search
from poco_migration.engine.privacy.data_subject import Databases, Person
from poco_migration.engine.privacy.residue_search import Finding

SQL = Path(__file__).parent / "sql"


def delete(place: Workplace, both: Databases, person: Person, found: Mapping[str, Sequence[int]]) -> list[tuple[str, str]]:
    """Delete the objects that the person's rows name and nobody else's do; returns (bucket, key) of each.

    POCO's go first: a copy of them that begins now finds nothing, and one that was under way is seen by `left`.
    """
    theirs: set[str] = set()
    for holding in inventory.personal_tables(source=False):
        if holding.objects:
            theirs |= set(residue_search.named(holding, data_subject.rows(both.target, holding, list(found[holding.table]))))
            theirs -= _others_too(both.target, holding, found[holding.table], theirs)
    ours = {row["source_object"] for row in postgres.run(both.target, SQL / "objects_source.sql", sorted(theirs))}
    if both.source:
        for entity, row in data_subject.source_rows(both.source, person):
            ours |= set(residue_search.named(inventory.holdings()[f"{inventory.SOURCE}.{entity}"], [row]))
    theirs |= {row["target_object"] for row in postgres.run(both.target, SQL / "objects_target.sql", sorted(ours))}
    buckets = place.settings.objects
    gone = [(bucket, key) for bucket, keys in ((buckets.media_source, ours), (buckets.media_target, theirs)) for key in sorted(keys)]
    for bucket, key in gone:
        object_versions.delete_for_good(place.objects, bucket, key)
    postgres.run(both.target, SQL / "objects_forget.sql", sorted(theirs))
    return gone


def objects_left(place: Workplace, gone: Sequence[tuple[str, str]]) -> list[Finding]:
    """Objects that are there still or again: the history stage was copying them, which a rerun mends, or the bucket keeps a version."""
    found = Counter(bucket for bucket, key in gone if object_versions.is_left(place.objects, bucket, key))
    return [Finding(f"bucket {bucket}", found[bucket], 0) for bucket in {bucket for bucket, _ in gone}]


def _others_too(target: postgres.Connection, holding: inventory.Holding, own: Sequence[int], names: set[str]) -> set[str]:
    """Which of these objects a row of somebody else names as well."""
    if not names:
        return set()
    columns = sql.SQL(" || ' ' || ").join(sql.SQL("t.{}::text").format(sql.Identifier(path.split(".")[0])) for path in holding.objects)
    query = sql.SQL(
        "select n from unnest({names}::text[]) n"
        " where exists (select from {table} t where t.{key} <> all ({own}::bigint[]) and position(n in {columns}) > 0)"
    ).format(
        names=sql.Literal(sorted(names)), table=data_subject.table_identifier(holding), key=sql.Identifier(holding.key),
        own=sql.Literal(postgres.array(own)), columns=columns,
    )  # fmt: skip
    return {row[0] for row in target.execute(query)}
