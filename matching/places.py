"""Addresses as readers see them: house number, street and ZIP out of free text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

from matching.names import plain, skeleton

_ZIP = re.compile(r"\b(\d{5})(?:[-\s]\d{4})?\s*$")
_ANY_ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\b")
_BOX = re.compile(r"\bP\s*\.?\s*O\s*\.?\s*BOX\s+(\w+)")
_HOUSE = re.compile(r"(?:^|[,\n]\s*|\s)(\d{1,6}[A-Z]?)\s+(?=[A-Z0-9])")
_KIND_WORDS = (
    "ST STREET AVE AVENUE DR DRIVE RD ROAD LN LANE CT COURT BLVD BOULEVARD WAY PL PLACE CIR "
    "CIRCLE TER TERRACE PKWY PARKWAY HWY HIGHWAY TRL TRAIL"
)
_KINDS = frozenset(_KIND_WORDS.split())
_TURNS = frozenset({"N", "S", "E", "W", "NE", "NW", "SE", "SW", "NORTH", "SOUTH", "EAST", "WEST"})
_TAIL = 5
_TOWN_ALIKE = 0.8
_UNIT = re.compile(r"\b(?:APT|UNIT|STE|SUITE|LOT|#)\s*\.?\s*[\w-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """House number, folded street name and five-digit ZIP; empty where not there.

    ``tail`` are the last words before state and ZIP, among them the town's.
    """

    house: str
    street: str
    zip: str
    tail: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.house or self.zip)


@lru_cache(maxsize=65_536)
def place(text: str) -> Place:
    """The parts of an address in one string (lines or commas between them)."""
    upper = plain(text).strip()
    zip_match = _ZIP.search(upper)
    code = zip_match[1] if zip_match else ""
    if not code:
        codes = _ANY_ZIP.findall(upper)
        # The first five digits may be the house number; a ZIP stands after something else.
        code = codes[-1] if codes and not upper.startswith(codes[-1]) else ""
    rest = upper[: upper.rfind(code)] if code else upper
    tail = " ".join(re.findall(r"[A-Z]+", rest)[-_TAIL:])
    box = _BOX.search(rest)
    if box:
        return Place(f"BOX{box[1]}", "BOX", code, tail)
    house = _HOUSE.search(rest)
    if house is None:
        return Place("", street_key(rest), code, tail)
    return Place(house[1], street_key(rest[house.end() :]), code, tail)


@lru_cache(maxsize=8192)
def ends_in(tail: str, town: str) -> bool:
    """Whether a town stands at the end of an address, with or without a state behind it."""
    known = plain(town)
    words, count = tail.split(), len(known.split())
    if not known or not words:
        return False
    return any(
        OSA.normalized_similarity(" ".join(words[-count - state : len(words) - state]), known)
        >= _TOWN_ALIKE
        for state in (0, 1)
        if len(words) >= count + state
    )


def street_key(text: str) -> str:
    """The folded name of a street without unit, direction and kind: ``Far Hills Ave`` -> one word.

    ``text`` starts at the street's name; what follows its kind (the town) is left out.
    """
    line = re.split(r"[,\n]", _UNIT.sub(" ", plain(text)))[0]
    words = re.findall(r"[A-Z0-9]+", line)
    while words and words[0] in _TURNS and len(words) > 1:
        words = words[1:]
    kept: list[str] = []
    for word in words:
        if word in _KINDS and kept:
            break
        kept.append(word)
    return skeleton("".join(kept[:3]))
