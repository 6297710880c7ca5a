"""The two axes as equations: a total, the parts it is made of, and what nothing explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deposits.standing import BANKED, PaymentMoney, overposted_cents, owed
from deposits.types import NOTHING, Figure

_OWED = ("posted", "allocated", "unapplied", "unidentified", "reversed")


@dataclass(frozen=True, slots=True)
class Equation:
    """``total`` = the sum of ``parts``; ``unexplained_cents`` is what is missing from them.

    ``broken`` counts the absolute cents of each single thing that does not add up, so that a
    surplus here never hides a shortage there.
    """

    total: Figure
    parts: Mapping[str, Figure]
    broken: Figure = NOTHING

    @property
    def unexplained_cents(self) -> int:
        """Zero when the equation holds for the whole and for every part of it."""
        difference = self.total.cents - sum(part.cents for part in self.parts.values())
        return abs(difference) or self.broken.cents

    def to_json(self) -> dict[str, Any]:
        """The total, each part with its references, and the unexplained cents."""
        return {
            "total": self.total.to_json(),
            "parts": {name: part.to_json() for name, part in self.parts.items()},
            "broken": self.broken.to_json(),
            "unexplained_cents": self.unexplained_cents,
        }


def received_equation(
    payments: Iterable[PaymentMoney], nowhere: Iterable[tuple[str, int]] = ()
) -> Equation:
    """Axis one: received = deposited + waiting + not deposited, each with a typed reason.

    Broken is a payment of which more is posted, or sent, than its parts for accounts, one
    that is posted, or sent, while it awaits review or is set aside, and what waits ``nowhere``.
    """
    everything = list(payments)
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name in ("deposited", "electronic", "on_hand", "awaiting_review"):
        groups[name] = []
    for money in everything:
        group = _received_group(money)
        if group is not None:
            groups[group].append((money.ref, money.amount_cents))
    total = Figure.of([(money.ref, money.amount_cents) for money in everything])
    over = [(money.ref, overposted_cents(money)) for money in everything]
    return Equation(
        total,
        {name: Figure.of(refs) for name, refs in groups.items()},
        Figure.of([*((ref, cents) for ref, cents in over if cents), *nowhere]),
    )


def _received_group(money: PaymentMoney) -> str | None:
    """Where a payment stands; None for a state that explains nothing."""
    state = money.deposit_state
    if state in BANKED:
        return "deposited"
    if state in ("depositable", "in_deposit"):
        return "on_hand"
    if state == "not_deposited":
        return f"not_deposited:{money.reason}" if money.reason else None
    return state if state in ("electronic", "awaiting_review") else None


def deposited_equation(payments: Iterable[PaymentMoney]) -> Equation:
    """Axis two: deposited = posted + allocated, not yet posted + unapplied + unidentified.

    A returned check stays deposited; what of it is no longer owed to an account is ``reversed``.
    """
    banked = [money for money in payments if money.deposit_state in BANKED]
    groups: dict[str, list[tuple[str, int]]] = {name: [] for name in _OWED}
    broken: list[tuple[str, int]] = []
    for money in banked:
        for name, cents in owed(money).items():
            if not cents:
                continue
            if name in groups:
                groups[name].append((money.ref, cents))
            else:
                broken.append((money.ref, abs(cents)))
    total = Figure.of([(money.ref, money.amount_cents) for money in banked])
    return Equation(
        total, {name: Figure.of(refs) for name, refs in groups.items()}, Figure.of(broken)
    )
