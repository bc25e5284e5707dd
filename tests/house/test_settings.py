"""migration.toml is read strictly: what it does not know is an error by name, and what is impossible is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from poco_migration import settings
from poco_migration.errors import ConfigurationError

TEXT = settings.CONFIGURATION.read_text("utf-8")


def test_the_decisions_are_those_of_the_announcement() -> None:
    known = settings.load()
    assert known.moving() == ("GLOBAL", "UK", "FR", "DE", "IT", "ES", "ID")
    assert known.regions["IN"].decision == "stay"
    assert known.calendar.cutover == datetime(2024, 10, 21, tzinfo=UTC)
    assert known.calendar.deadline.coupon_reissue == datetime(2024, 12, 12, tzinfo=UTC)
    assert known.calendar.final_shutdown == datetime(2024, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("part_rows ", "part_row ", "part_row"),
        ("part_rows            = 250_000", "part_rows = 0", "greater than 0"),
        ("cutover         = 2024-10-21", "cutover         = 2025-10-21", "not in calendar order"),
        ("redirects       = 2024-12-16", "redirects       = 2025-01-16", "not in calendar order"),
        ("coupon_reissue = 2024-12-12", "coupon_reissue = 2024-12-01", "a deadline lies before"),
        ('market      = "uk"', 'market      = "fr"', "the same market"),
        ('decision    = "stay"', 'decision    = "ignore"', "'move', 'stay' or 'hold'"),
        ('approvers        = ["alice", "bob", "carol"]', 'approvers = ["alice"]', "at least 2 items"),
        ('reason      = "Nobody has claimed these rows; they stay parked until the data owner rules on them."', "", "needs a reason"),
        ("minimum_age = 13", "", "needs a market and a minimum_age"),
        ('rate = "1/1"', "rate = 1.5", "a rate is a fraction of two whole numbers"),
        ('rate = "1/1"', 'rate = "1/0"', "between 1 and 1000000"),
        ('rate = "1/1", effective = 2024-10-21', 'rate = "1/1", effective = 2024-12-05', "UK, FR, DE, IT, ES are not in force yet"),
        ("loyalty     = true", "loyalty     = false", "has no rate for points"),
        ("[freeze]", "[freeze", "migration.toml cannot be used"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in TEXT
    changed = tmp_path / "migration.toml"
    changed.write_text(TEXT.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError, match=why):
        settings.load(changed)
