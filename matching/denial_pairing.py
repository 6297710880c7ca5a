"""Which denied line of a newer reading is which denial that was entered before: pure.

A newer reading may leave out a claim or a line, so that all after it move up: a denial follows its
claim, its day and its procedure, and not its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as told: its place, the hash of its number (empty: unread), and whose it is."""

    place: int
    key: str
    patient: str


@dataclass(frozen=True, slots=True)
class Line:
    """A denied line as told: its place in the claim, and what it is of."""

    place: int
    service_on: date | None
    procedure: str
    charged_cents: int


def claims(told: Iterable[Claim], known: Iterable[Claim]) -> dict[int, int]:
    """By the place of a claim now told, the place at which it was known.

    The number decides; without one, or under a number that was read otherwise, its place and
    patient do.
    """
    free = {each.place: each for each in known}
    found: dict[int, int] = {}
    left = []
    for claim in told:
        other = free.get(claim.place)
        if other is not None and claim.key == other.key and (claim.key or _alike(claim, other)):
            found[claim.place] = free.pop(claim.place).place
        else:
            left.append(claim)
    by_key: dict[str, list[int]] = defaultdict(list)
    for place in sorted(free, reverse=True):
        by_key[free[place].key].append(place)
    unread = []
    for claim in left:
        if claim.key and by_key[claim.key]:
            found[claim.place] = free.pop(by_key[claim.key].pop()).place
        else:
            unread.append(claim)
    for claim in unread:
        other = free.get(claim.place)
        if other is not None and _alike(claim, other):
            found[claim.place] = free.pop(claim.place).place
    return found


def _alike(one: Claim, other: Claim) -> bool:
    return one.patient == other.patient


def lines(told: Sequence[Line], known: Sequence[tuple[Line, Row]]) -> dict[int, Row]:
    """By the place of a denied line now told, the row that was entered of it before."""
    left, free = list(told), list(known)
    found: dict[int, Row] = {}
    rules: tuple[Callable[[Line, Line], bool], ...] = (
        lambda a, b: a == b,
        lambda a, b: _of(a) == _of(b) and a.charged_cents == b.charged_cents,
        lambda a, b: _of(a) == _of(b),
        lambda a, b: a.place == b.place,
    )
    for fits in rules:
        for line in list(left):
            at = next((n for n, (other, _) in enumerate(free) if fits(line, other)), None)
            if at is not None:
                found[line.place] = free.pop(at)[1]
                left.remove(line)
    return found


def _of(line: Line) -> tuple[bool, date | None, str]:
    return line.place < 0, line.service_on, line.procedure
