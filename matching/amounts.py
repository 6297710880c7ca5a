"""What a check says of its amount: each place as it was read, and what all of it makes together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matching.readings import Document
from ocr.amount import Fused
from ocr.types import Alternative

Box = tuple[int, int, int, int]
PLACES: tuple[tuple[str, str], ...] = (
    ("numerals", "courtesy_amount_cents"),
    ("words", "legal_amount_cents"),
)
MISMATCH = "amount_mismatch"
SURE = 0.9
"""How sure numerals and words must each be before their difference is the drawer's own."""
KEYED = "keyed"
_MOST_OTHERS = 2
_WORTH_SHOWING = 0.01
# The amount field of the MICR line (ANSI X9.100-160): ten digits between amount symbols, written
# ``B`` in a reading; the one on its left is often cut off.
_MICR_AMOUNT = re.compile(r"(?<![0-9])([0-9]{10})B")


@dataclass(frozen=True, slots=True)
class Said:
    """One opinion on a check's amount, in cents; None when nothing was read at its place.

    ``source`` is the place (``numerals``, ``words``, ``micr``), ``reading`` for what all places
    together make, or ``other`` for what it may be instead. ``confidence`` is 0 to 1, ``box`` in
    pixels of page ``page`` of the source (None: the place was not found).
    """

    source: str
    cents: int | None
    confidence: float
    page: int
    box: Box | None

    @property
    def read(self) -> bool:
        """Whether an amount was read there."""
        return self.cents is not None


def said(document: Document) -> tuple[Said, ...]:
    """The opinions in the order a person wants them: both places always, then the others."""
    found = [_at(document, source, name) for source, name in PLACES]
    encoded = _encoded(document)
    if encoded is not None:
        found.append(encoded)
    known = {each.cents for each in found}
    others: list[Said] = []
    for other in _others(document):
        if other.cents not in known and len(others) < _MOST_OTHERS:
            known.add(other.cents)
            others.append(other)
    return (*found, *others)


def differ(opinions: tuple[Said, ...]) -> bool:
    """Whether numerals and words were both read, and are not the same amount."""
    read = [each.cents for each in opinions if each.source in {"numerals", "words"} and each.read]
    return len(set(read)) > 1


def contradict(opinions: tuple[Said, ...]) -> bool:
    """Whether numerals and words differ, each so sure by itself that neither is a misreading."""
    sure = [each for each in opinions if each.source in {"numerals", "words"} and each.read]
    return differ(opinions) and all(each.confidence >= SURE for each in sure)


def fused(document: Document) -> Fused | None:
    """The amount as reading left it, with its alternatives; None when nothing was read."""
    field = _raw(document, "amount_cents")
    cents = field.get("value")
    if type(cents) is not int or cents <= 0:
        return None
    alternatives = tuple(
        Alternative(each["value"], float(each.get("confidence") or 0.0))
        for each in field.get("alternatives") or []
        if isinstance(each, Mapping) and type(each.get("value")) is int
    )
    sure = float(field.get("confidence") or 0.0)
    return Fused(cents, sure, str(field.get("source") or ""), alternatives)


def stands_for(document: Document, source: str, cents: int) -> Said | None:
    """The opinion a person took the amount from; None when that place does not say it."""
    for each in said(document):
        if each.source == source and each.cents == cents:
            return each
    field = _raw(document, "amount_cents")
    if source == "reading" and field.get("value") == cents:
        return _opinion("reading", field)
    return None


def _others(document: Document) -> Iterator[Said]:
    field = _raw(document, "amount_cents")
    if str(field.get("source") or "").startswith(KEYED):
        return  # a person's own amount is no opinion of the reading
    together = _opinion("reading", field)
    if together.read:
        yield together
    for each in field.get("alternatives") or []:
        if isinstance(each, Mapping) and type(each.get("value")) is int:
            sure = float(each.get("confidence") or 0.0)
            if sure >= _WORTH_SHOWING:
                yield Said("other", each["value"], sure, together.page, None)


def _at(document: Document, source: str, name: str) -> Said:
    """What a place says; where it is not sure of itself, the amount read together that it backs."""
    own = _opinion(source, _raw(document, name))
    field = _raw(document, "amount_cents")
    backing = str(field.get("source") or "").split("+")
    if own.read or source not in backing or KEYED in backing:
        return own
    together = _opinion(source, field)
    box = together.box if backing == [source] and own.box is None else own.box
    return Said(source, together.cents, together.confidence, together.page, box)


def _encoded(document: Document) -> Said | None:
    """What the bank or the drawer has encoded in the MICR line, if anything."""
    line = _raw(document, "micr_line")
    match = _MICR_AMOUNT.search(str(line.get("value") or ""))
    if match is None or int(match[1]) == 0:
        return None
    whole = _opinion("micr", {**line, "value": int(match[1])})
    if whole.box is None:
        return whole
    x, y, width, height = whole.box
    # The amount stands in the rightmost fields of the line, fifteen of its some sixty places.
    start = x + width - width // 3
    box = (start, y, x + width - start, height) if width >= height else None
    return Said("micr", whole.cents, whole.confidence, whole.page, box)


def _opinion(source: str, field: Mapping[str, Any]) -> Said:
    value, box = field.get("value"), field.get("box")
    cents = value if type(value) is int and value > 0 else None
    sure = float(field.get("confidence") or 0.0) if cents is not None else 0.0
    place = None
    if isinstance(box, list | tuple) and len(box) == 4:
        x, y, width, height = (int(each) for each in box)
        place = (x, y, width, height)
    return Said(source, cents, sure, int(field.get("page") or 0), place)


def _raw(document: Document, name: str) -> Mapping[str, Any]:
    """The field whatever its value: a place may be known where nothing could be read."""
    found = (document.body.get("fields") or {}).get(name)
    return found if isinstance(found, Mapping) else {}
