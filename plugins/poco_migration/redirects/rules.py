"""rules.toml, read, checked and frozen: hosts, regions, fronts, and the hosts that an answer may name.

Refuses rules that could send a visitor in a circle, to another region, or to a host that nobody has allowed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from poco_migration.errors import ConfigurationError

RULES = Path(__file__).parent / "rules.toml"
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
FRONT = re.compile(r"https://([a-z0-9.-]+)/[a-z0-9-]+")
PAGE = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")


@dataclass(frozen=True)
class Site:
    """One or more hosts that answer alike. `prefixes`: the first part of a path that names a region of its own."""

    hosts: tuple[str, ...]
    default: str
    prefixes: Mapping[str, str]


@dataclass(frozen=True)
class Rules:
    """All that is known of addresses without the catalogue. Hosts are lower case; pages have no slash at either end."""

    scheme: str
    app_host: str
    sites: Mapping[str, Site]
    gone_hosts: tuple[str, ...]
    gone_pages: tuple[str, ...]
    stays_hosts: tuple[str, ...]
    stays_regions: tuple[str, ...]
    target_hosts: tuple[str, ...]
    addresses: Mapping[str, str]  # region: POCO's own address of its store
    fronts: Mapping[str, str]  # region: mi.com's front page
    pages: Mapping[str, str]
    aliases: Mapping[str, str]  # first part of a path: the one that it stands for
    parts: tuple[str, ...]  # what may follow an article's page

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    def site_of(self, host: str) -> str | None:
        return next((name for name, site in self.sites.items() if host in site.hosts), None)


def load(path: Path = RULES) -> Rules:
    """Read the rules. Raises ConfigurationError naming what is wrong."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return checked(
            {
                "scheme": raw["app"]["scheme"], "app_host": raw["app"]["host"], "sites": raw["sites"],
                "gone_hosts": raw["gone"]["hosts"], "gone_pages": raw["gone"]["pages"], "stays_hosts": raw["stays"]["hosts"],
                "stays_regions": raw["stays"]["regions"], "target_hosts": raw["targets"]["hosts"],
                "addresses": {name: region["address"] for name, region in raw["regions"].items()},
                "fronts": {name: region["front"] for name, region in raw["regions"].items()},
                "pages": raw["pages"], "aliases": raw["aliases"], "parts": raw["articles"]["parts"],
            }
        )  # fmt: skip
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path.name} cannot be used: {type(error).__name__} {error}") from error


def checked(plain: Mapping[str, Any]) -> Rules:
    """Rules out of plain values. Raises ConfigurationError for what could mislead a visitor, KeyError for what is not there."""
    made = Rules(
        plain["scheme"], plain["app_host"],
        {name: Site(tuple(site["hosts"]), site["default"], dict(site.get("prefixes", {}))) for name, site in plain["sites"].items()},
        tuple(plain["gone_hosts"]), tuple(plain["gone_pages"]), tuple(plain["stays_hosts"]),
        tuple(plain["stays_regions"]), tuple(plain["target_hosts"]),
        dict(plain["addresses"]), dict(plain["fronts"]), dict(plain["pages"]),
        dict(plain["aliases"]), tuple(plain["parts"]),
    )  # fmt: skip
    if problems := [*_hosts(made), *_regions(made)]:
        raise ConfigurationError(f"the redirect rules cannot be used: {'; '.join(problems)}")
    return made


def _hosts(rules: Rules) -> list[str]:
    found = [host for site in rules.sites.values() for host in site.hosts] + [*rules.gone_hosts, *rules.stays_hosts]
    every = [*found, *rules.target_hosts]
    problems = [f"{host!r} is no host name in lower case" for host in every if not HOST.fullmatch(host)]
    # A host on both sides would lead a visitor from itself to itself; one of India's must never be answered.
    problems += sorted({f"{host} stands there twice, or is where answers lead to as well" for host in every if every.count(host) > 1})
    if rules.site_of(rules.app_host) is None:
        problems.append(f"the app's host {rules.app_host} is none of the sites' hosts")
    return problems


def _regions(rules: Rules) -> list[str]:
    problems = []
    known = {*rules.fronts, *rules.stays_regions}
    for name, site in rules.sites.items():
        problems += [
            f"site {name} leads to region {region}, which has no front"
            for region in (site.default, *site.prefixes.values())
            if region not in known
        ]
        problems += [
            f"prefix {prefix!r} of {name} is no part of a path" for prefix in site.prefixes if not PAGE.fullmatch(prefix) or "/" in prefix
        ]
    for region, front in rules.fronts.items():
        match = FRONT.fullmatch(front)
        if not match or match[1] not in rules.target_hosts:
            problems.append(f"the front of {region} is not https://<a host of [targets]>/<path>")
    if set(rules.stays_regions) & set(rules.fronts):
        problems.append("a region that stays has a front")
    if len(set(rules.fronts.values())) != len(rules.fronts):
        problems.append("two regions have the same front")
    named = [page for pair in (*rules.pages.items(), *rules.aliases.items()) for page in pair]
    problems += [f"page {page!r} is no path of lower-case words" for page in (*named, *rules.parts) if not PAGE.fullmatch(page)]
    return problems
