"""A street line from both ends inward, as Publication 28 matches it: number, units, directions.

What stands in the middle is the street's name, whatever words it is made of. A direction or a
suffix is one only where something is left to be the name: ``NORTH AVE``, ``COURT ST`` and
``W ST NW`` keep theirs.
"""

from __future__ import annotations

import re

from returned_mail.address_parts import FRACTION, HOUSE, Part, Role
from returned_mail.postal_words import (
    DIRECTIONALS,
    HIGHWAYS,
    SPELLED_IN_NAMES,
    SUFFIXES,
    UNITS,
    UNITS_ALONE,
)

_UNIT_ID = re.compile(r"[A-Z]?\d+(?:[.-]?[A-Z0-9]+)*|[A-Z]|\d+[A-Z]?|[A-Z]-\d+[A-Z]?")
_ORDINAL = re.compile(r"(\d+)(?:ST|ND|RD|TH)")
_ACROSS = frozenset({"NE", "NW", "SE", "SW"})
_SIGN = "#"


def street(text: str) -> tuple[Part, ...] | None:
    """The parts of a folded street line; None where it has no house number or no name."""
    words = _ranges(text.split())
    number, words = _number(words)
    if not number or not words:
        return None
    words, units = _units(words)
    if not words:
        return None
    return (Part("house", number), *_named(words), *(Part("unit", unit) for unit in units))


def unit_only(text: str) -> bool:
    """Whether a folded line is a unit and nothing else, as on a line of its own."""
    left, units = _units(["0", "X", *text.split()])
    return bool(units) and left == ["0", "X"]


def _ranges(words: list[str]) -> list[str]:
    """``12 - 14`` as one word."""
    if len(words) > 3 and words[1] == "-" and words[0].isdigit() and words[2].isdigit():
        return [f"{words[0]}-{words[2]}", *words[3:]]
    return [word for word in words if word.strip("-/")]


def _number(words: list[str]) -> tuple[str, list[str]]:
    if not words:
        return "", words
    first = words[0]
    if not HOUSE.fullmatch(first) and not re.fullmatch(r"\d+\.\d+", first):
        return "", words
    if len(words) > 2 and FRACTION.fullmatch(words[1]):
        return f"{first} {words[1]}", words[2:]
    return first, words[1:]


def _units(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before the units, and the units in the order they stand."""
    found: list[str] = []
    while True:
        taken = _last_unit(words)
        if taken is None:
            return words, found
        words, unit = taken
        found.insert(0, unit)


def _last_unit(words: list[str]) -> tuple[list[str], str] | None:
    """The line without its last unit, and that unit; a street's name is always left."""
    for length in (4, 3, 2, 1):
        if len(words) - length < 1:
            continue
        unit = _unit(words[-length:])
        if unit is None:
            continue
        left = words[:-length]
        if length == 1 and not _ends_street(left):
            continue
        if words[-length] in {"KEY", "STOP", "PIER", "SLIP"} and not _ends_street(left):
            continue  # 12 LITTLE KEY 5 is a street
        return left, unit
    return None


def _unit(words: list[str]) -> str | None:
    word, rest = words[0], [each for each in words[1:] if each not in {_SIGN, "NO", "NUMBER"}]
    if word == _SIGN and len(rest) == 1 and re.fullmatch(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", rest[0]):
        return f"{_SIGN} {rest[0]}"
    if len(words) == 1:
        glued = re.fullmatch(r"(APT|STE|UNIT|LOT|RM|SPC|BLDG)([0-9]+[A-Z]?)", word)
        if glued:
            return f"{glued[1]} {glued[2]}"
        return UNITS_ALONE.get(word)
    ordinal = _ORDINAL.fullmatch(word)
    if ordinal and len(words) == 2 and UNITS.get(words[1]) == "FL":
        return f"FL {ordinal[1]}"
    if word not in UNITS:
        return None
    joined = "".join(rest)
    if len(rest) == 2 and not re.fullmatch(r"\d+[A-Z]|[A-Z]\d+", joined):
        return None
    if len(rest) in {1, 2} and _UNIT_ID.fullmatch(joined):
        floor = _ORDINAL.fullmatch(joined)
        return f"{UNITS[word]} {floor[1] if floor and UNITS[word] == 'FL' else joined}"
    return None


def _ends_street(words: list[str]) -> bool:
    """Whether these words look like a whole street: a suffix or a direction behind a name."""
    last = words[-1] if words else ""
    return len(words) > 1 and (last in SUFFIXES or last in DIRECTIONALS or last.isdigit())


def _named(words: list[str]) -> tuple[Part, ...]:
    before, words = _leading(words)
    highway = _highway(words)
    if highway is not None:
        name, behind = highway
        after = _direction(behind) if behind else ""
        if after is not None:
            return _parts(before, name, "", after)
    words, after = _trailing(words)
    if len(words) > 1 and words[-1] in SUFFIXES:
        suffix = SUFFIXES[words[-1]]
        name_words = words[:-1]
        last = name_words[-1]
        if len(name_words) > 1 and last in SUFFIXES and last in SPELLED_IN_NAMES:
            name_words = [*name_words[:-1], SPELLED_IN_NAMES[last]]
        return _parts(before, " ".join(name_words), suffix, after)
    if len(words) == 2 and words[0] == "AVE" and len(words[1]) == 1:
        words = ["AVENUE", words[1]]
    return _parts(before, " ".join(words), "", after)


def _parts(before: str, name: str, suffix: str, after: str) -> tuple[Part, ...]:
    roles: tuple[tuple[Role, str], ...] = (
        ("predirectional", before), ("street", name), ("suffix", suffix),
        ("postdirectional", after),
    )  # fmt: skip
    return tuple(Part(role, text) for role, text in roles if text)


def _leading(words: list[str]) -> tuple[str, list[str]]:
    """A direction before the name, as long as more than a suffix is left for the name."""
    for length in (2, 1):
        said = _direction(words[:length]) if len(words) > length else None
        if said and _has_name(words[length:]):
            return said, words[length:]
    return "", words


def _has_name(words: list[str]) -> bool:
    kept = list(words)
    while len(kept) > 1 and kept[-1] in DIRECTIONALS:
        kept.pop()
    return not (len(kept) == 1 and kept[0] in SUFFIXES)


def _trailing(words: list[str]) -> tuple[list[str], str]:
    """A direction behind the street; spelled out only behind a suffix or a number."""
    for length in (2, 1):
        if len(words) <= length:
            continue
        left, tail = words[:-length], words[-length:]
        said = _direction(tail)
        if not said:
            continue
        short = all(word in {"N", "S", "E", "W", *_ACROSS} for word in tail)
        sure = (left[-1] in SUFFIXES and len(left) > 1) or any(c.isdigit() for c in left[-1])
        if sure or (short and length == 1 and left[-1] not in SUFFIXES and len(left) > 1):
            return left, said
    return words, ""


def _direction(words: list[str]) -> str | None:
    """One direction, or two that make one: N E is NE, N S is none."""
    if not words or any(word not in DIRECTIONALS for word in words):
        return None
    said = "".join(DIRECTIONALS[word] for word in words)
    return said if len(words) == 1 or said in _ACROSS else None


def _highway(words: list[str]) -> tuple[str, list[str]] | None:
    """A highway by its number, written out, and the words behind it."""
    words = _split_number(words)
    for form, written in HIGHWAYS:
        length = len(form)
        if tuple(words[:length]) != form or len(words) <= length:
            continue
        number = words[length]
        if re.fullmatch(r"\d+[A-Z]?|[A-Z]{1,2}", number) and number not in SUFFIXES:
            return f"{written} {number}", words[length + 1 :]
    return None


def _split_number(words: list[str]) -> list[str]:
    """``I-10``, ``US-41``, ``SR-7`` as two words; ``US 41`` is a US highway."""
    if words:
        glued = re.fullmatch(r"(I|IH|US|SR|CR|FM|HWY|RT)-(\d+[A-Z]?)", words[0])
        if glued:
            words = [glued[1], glued[2], *words[1:]]
    if len(words) > 1 and words[1][:1].isdigit():
        if words[0] == "I":
            return ["INTERSTATE", *words[1:]]
        if words[0] == "US":
            return ["US", "HIGHWAY", *words[1:]]
    return words
