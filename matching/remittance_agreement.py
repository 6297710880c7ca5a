"""What of a remittance's head its money bears out, and what it contradicts. Pure.

The check is another paper, read by itself: where both say the same number, total, day or payer,
neither was misread, however faint either is. Where they say different things, somebody looks. A
person who looked at a cell is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from matching.insurers import likeness, same_words
from matching.remittance_grid import Cell, of_reading
from matching.remittance_scoring import NEAR_DAYS, plain_number

WHOM: Final = {"check": "the check", "eft": "the payment"}
_LEAST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the money without the remittance; empty or None where it is not.

    ``numbers`` and ``days`` are those of its payments, several where it explains several;
    ``cents`` is their sum, None where other remittances explain a part of it. ``payers`` are the
    name on the check, and insurers that paid from its account before. ``kind`` is the payment's.
    """

    numbers: tuple[str, ...] = ()
    cents: int | None = None
    payers: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    kind: str = "check"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Names of head cells that are borne out, and of those contradicted with what is said there."""

    borne_out: frozenset[str] = frozenset()
    contradicted: Mapping[str, str] = field(default_factory=dict)
    by: str = ""

    def is_doubtful(self, cell: Cell, least: float) -> bool:
        """Whether a head cell needs a look, all known."""
        if cell.column.name in self.contradicted:
            return True
        return cell.column.name not in self.borne_out and cell.is_doubtful(least)

    def says(self, name: str) -> str:
        """What a person is told of a head cell; empty for nothing."""
        if name in self.borne_out:
            return f"{self.by} bears it out"
        told = self.contradicted.get(name)
        return "" if told is None else f"{self.by} says {told or 'otherwise'}"


NONE: Final = Agreement()


def agreement(body: Mapping[str, Any], facts: Facts) -> Agreement:
    """The head of a reading against what is known of its money."""
    cells = of_reading(body).head.cells
    judged = {
        "payment_number": _number(cells["payment_number"], facts),
        "total_paid_cents": _total(cells["total_paid_cents"], facts),
        "payment_on": _day(cells["payment_on"], facts),
        "payer_name": _payer(cells["payer_name"], facts),
    }
    return Agreement(
        frozenset(name for name, verdict in judged.items() if verdict is True),
        {
            name: verdict
            for name, verdict in judged.items()
            if isinstance(verdict, str) and not _is_a_persons(cells[name])
        },
        WHOM.get(facts.kind, WHOM["check"]),
    )


_Verdict = bool | str
"""True: borne out; False: nothing can be said; a text: what the money says instead."""


def _number(cell: Cell, facts: Facts) -> _Verdict:
    mine = plain_number(str(cell.value or ""))
    theirs = [plain_number(each) for each in facts.numbers if plain_number(each)]
    if not mine or not theirs:
        return False
    if mine in theirs:
        return len(mine) >= _LEAST_DIGITS
    ends = any(one.endswith(mine) or mine.endswith(one) for one in theirs)
    return False if ends or len(theirs) < len(facts.numbers) else ", ".join(facts.numbers)


def _total(cell: Cell, facts: Facts) -> _Verdict:
    if cell.value is None or facts.cents is None:
        return False
    return True if cell.value == facts.cents else f"{facts.cents // 100}.{facts.cents % 100:02d}"


def _day(cell: Cell, facts: Facts) -> _Verdict:
    try:
        said = date.fromisoformat(str(cell.value or ""))
    except ValueError:
        return False
    if said in facts.days:
        return True
    far = facts.days and all(abs((said - each).days) > NEAR_DAYS for each in facts.days)
    return ", ".join(each.isoformat() for each in facts.days) if far else False


def _payer(cell: Cell, facts: Facts) -> _Verdict:
    name = str(cell.value or "")
    if not name or not facts.payers:
        return False
    if any(same_words(name, each) for each in facts.payers):
        return True
    different = all(likeness(name, each) == "different" for each in facts.payers)
    return facts.payers[0] if different else False


def _is_a_persons(cell: Cell) -> bool:
    return bool(cell.checked_by) or cell.source.startswith("user:")
