"""Phone numbers in every national form to E.164: the only file that imports phonenumbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import phonenumbers


def e164(numbers: Iterable[tuple[str, str]], countries: Mapping[str, str]) -> list[str | None]:
    """One result per (number as entered, market): E.164, or None where it is no possible number of that country.

    `countries` gives a market's ISO country; a market without one needs numbers with their own prefix.
    """
    return [_one(number, countries.get(market) or None) for number, market in numbers]


def _one(number: str, country: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
