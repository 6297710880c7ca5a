"""ZIP, state and city against the offline ZIP table: findings, never corrections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import zipcodes

from returned_mail.address_parts import fold

Code = Literal["unknown_zip", "zip_not_in_state", "city_not_of_zip"]
_SPELLED = {"ST": "SAINT", "STE": "SAINTE", "FT": "FORT", "MT": "MOUNT", "N": "NORTH",
            "S": "SOUTH", "E": "EAST", "W": "WEST", "HTS": "HEIGHTS", "SPGS": "SPRINGS",
            "TWP": "TOWNSHIP", "VLG": "VILLAGE", "BCH": "BEACH", "PT": "POINT", "PK": "PARK",
            "HBR": "HARBOR", "LK": "LAKE", "JCT": "JUNCTION"}  # fmt: skip
_MILITARY = frozenset({"APO", "FPO", "DPO"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A disagreement between ZIP, state and city; ``expected`` is what the table has."""

    code: Code
    message: str
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZipPlace:
    """What the table knows of a ZIP: its state, its city first of all that may be written."""

    zip5: str
    state: str
    cities: tuple[str, ...]


def zip_places(zip_code: str) -> tuple[ZipPlace, ...]:
    """Where a ZIP (five digits, or more) is; empty when there is none such."""
    return _places(zip_code[:5])


@lru_cache(maxsize=8192)
def _places(zip5: str) -> tuple[ZipPlace, ...]:
    if not re.fullmatch(r"\d{5}", zip5):
        return ()
    rows: list[dict[str, Any]] = zipcodes.matching(zip5)  # type: ignore[no-untyped-call]
    return tuple(
        ZipPlace(
            zip5,
            str(row["state"]),
            tuple(fold(city) for city in (row["city"], *row["acceptable_cities"]) if city),
        )
        for row in rows
    )


def zip_findings(city: str, state: str, zip_code: str) -> tuple[Finding, ...]:
    """What disagrees; empty when ZIP, state and city fit each other.

    The table is a copy of a day: a finding is a reason to look, not proof that the ZIP is wrong.
    """
    places = zip_places(zip_code)
    if not places:
        return (Finding("unknown_zip", f"There is no ZIP code {zip_code[:5]}."),)
    states = tuple(sorted({place.state for place in places}))
    if state not in states:
        return (
            Finding("zip_not_in_state", f"ZIP code {zip_code[:5]} is in {', '.join(states)}.",
                    states),
        )  # fmt: skip
    cities = tuple(dict.fromkeys(name for place in places for name in place.cities))
    known = {city_key(name) for name in cities}
    if city_key(city) in known or (fold(city) in _MILITARY and known & _MILITARY_KEYS):
        return ()
    return (
        Finding("city_not_of_zip", f"Mail to {zip_code[:5]} is addressed to {cities[0]}.", cities),
    )


@lru_cache(maxsize=8192)
def city_key(city: str) -> str:
    """A city's name with its usual short words spelled out, for comparing only."""
    return "".join(_SPELLED.get(word, word) for word in re.findall(r"[A-Z]+", fold(city)))


_MILITARY_KEYS = frozenset(city_key(name) for name in _MILITARY)
