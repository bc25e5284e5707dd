"""Phone numbers: every national form, and nothing made up."""

import pytest

from poco_migration.adapters.phones import e164

COUNTRIES = {"uk": "GB", "de": "DE", "global": ""}


@pytest.mark.parametrize(
    ("number", "market", "expected"),
    [
        ("07700 900123", "uk", "+447700900123"),
        ("+49 1512 3456789", "uk", "+4915123456789"),
        ("0044 7700 900123", "de", "+447700900123"),
        ("07700 900123", "global", None),
        ("+447700900123", "global", "+447700900123"),
        ("123", "uk", None),
        ("", "uk", None),
        ("٠٧٧٠٠ ٩٠٠١٢٣", "uk", "+447700900123"),
        ("call me", "nowhere", None),
    ],
)
def test_one_number(number: str, market: str, expected: str | None) -> None:
    assert e164([(number, market)], COUNTRIES) == [expected]
