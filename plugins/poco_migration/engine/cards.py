"""Reads the recipe cards: one folder of entities/ becomes one Entity. Refuses a card that says something impossible.

Called by the stages; reads files of the package only, so it is cheap enough for a DAG file.
"""

from __future__ import annotations

import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from poco_migration import settings
from poco_migration.errors import ConfigurationError
from poco_migration.model import Derivation, Entity, Parent, Reason

_CARD = {"about", "moves", "parents", "siblings", "target", "derive", "columns", "reasons"}
_CLASSES = {"plain", "personal", "secret"}


@cache
def entities(folder: Path = settings.ENTITIES) -> dict[str, Entity]:
    """All entities by name, parents before children. Raises ConfigurationError naming the card."""
    common = _reasons("reasons.toml", tomllib.loads((folder / "reasons.toml").read_text("utf-8")))
    cards = {card.parent.name: _read(card.parent, common) for card in sorted(folder.glob("*/entity.toml"))}
    for entity in cards.values():
        for parent in entity.parents:
            if parent.entity not in cards:
                raise ConfigurationError(f"entities/{entity.name}: its parent {parent.entity} has no folder")
        if entity.siblings and entity.siblings not in {parent.entity for parent in entity.parents}:
            raise ConfigurationError(f"entities/{entity.name}: siblings = {entity.siblings!r} is none of its parents")
    try:
        order = TopologicalSorter({name: [p.entity for p in card.parents] for name, card in cards.items()}).static_order()
        return {name: cards[name] for name in order}
    except CycleError as error:
        raise ConfigurationError(f"entities: parents in a circle: {error.args[1]}") from error


@cache
def not_returned(folder: Path = settings.ENTITIES) -> dict[str, str]:
    """Why a row may not come back from mi.com: {reason: next action}."""
    table = tomllib.loads((folder / "not_returned.toml").read_text("utf-8"))
    return {name: str(entry["next_action"]) for name, entry in table.items()}


@cache
def reason_owners(folder: Path = settings.ENTITIES) -> dict[str, str]:
    """Who sees to quarantined rows: {reason: team or person}. Raises ConfigurationError for a reason with two owners."""
    table: dict[str, list[str]] = tomllib.loads((folder / "owners.toml").read_text("utf-8"))
    pairs = [(reason, owner) for owner, reasons in table.items() for reason in reasons]
    if len(dict(pairs)) < len(pairs):
        raise ConfigurationError("entities/owners.toml: a reason has two owners")
    return dict(pairs)


def moving_at(*milestones: str) -> list[Entity]:
    """The entities that move at these milestones, parents before children."""
    return [entity for entity in entities().values() if entity.moves in milestones]


def children(name: str) -> list[tuple[Entity, Parent]]:
    """The entities that hang on this one, each with the columns that say so."""
    return [(child, parent) for child in entities().values() for parent in child.parents if parent.entity == name]


def _read(folder: Path, common: dict[str, Reason]) -> Entity:
    where = f"entities/{folder.name}"
    card = tomllib.loads((folder / "entity.toml").read_text("utf-8"))
    if unknown := card.keys() - _CARD:
        raise ConfigurationError(f"{where}: unknown keys {sorted(unknown)}")
    if wrong := set(card["columns"].values()) - _CLASSES:
        raise ConfigurationError(f"{where}: unknown privacy classes {sorted(wrong)}")
    if card["moves"] == "never":
        return Entity(folder.name, card["about"], "never", columns=card["columns"])
    if card["moves"] not in ("cutover", "history", "reissue"):
        raise ConfigurationError(f"{where}: moves = {card['moves']!r} is no milestone")
    return Entity(
        name=folder.name,
        about=card["about"],
        moves=card["moves"],
        parents=tuple(Parent(name, **columns) for name, columns in card.get("parents", {}).items()),
        siblings=card.get("siblings", ""),
        table=card["target"]["table"],
        key=card["target"]["key"],
        derivations=tuple(Derivation(column, rule["with"], tuple(rule["from"])) for column, rule in card.get("derive", {}).items()),
        reasons=common | _reasons(where, card.get("reasons", {})),
        columns=card["columns"],
        extract=(folder / "extract.sql").read_text("utf-8"),
        load=(folder / "load.sql").read_text("utf-8"),
        readback=(folder / "readback.sql").read_text("utf-8"),
        inverse=(folder / "inverse.sql").read_text("utf-8") if (folder / "inverse.sql").exists() else "",
        shared=(folder / "shared.sql").read_text("utf-8") if (folder / "shared.sql").exists() else "",
    )


def _reasons(where: str, table: dict[str, Any]) -> dict[str, Reason]:
    reasons = {name: Reason(name, **entry) for name, entry in table.items()}
    for reason in reasons.values():
        if reason.outcome not in ("quarantined", "excluded", "merged"):
            raise ConfigurationError(f"{where}: reason {reason.name} has outcome {reason.outcome!r}")
        if not reason.next_action:
            raise ConfigurationError(f"{where}: reason {reason.name} does not say what to do next")
    return reasons
