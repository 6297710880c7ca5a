"""From which probability a kind of evidence may go alone: what its proof and its target allow.

Never pooled: payments without a coupon err ten times as often as those with one, and a common
threshold hides it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matching.bounds import at_most, lower_bound, needed
from matching.model import MADE_UP, Cut

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind of evidence in one office: what was proved, what was accepted, what is alarmed.

    ``own`` are answers to samples, counted at each cut (at least that probable); ``shipped`` the
    model's own proof, each payment of it worth ``worth`` of a sample. ``accepted`` is the share
    of wrong ones that a named person accepts, None: nobody did. ``alarmed``: its samples proved
    worse than the target.
    """

    stratum: str
    own: tuple[Cut, ...] = ()
    shipped: tuple[Cut, ...] = ()
    worth: float = MADE_UP
    accepted: float | None = None
    alarmed: bool = False


def _counted(standing: Standing, least: float) -> tuple[int, int]:
    """What counts from this probability on: how many were seen, and how many were wrong."""
    own = _at(standing.own, least)
    seen, wrong = own.seen, own.wrong
    if not standing.alarmed:  # an alarm says that the shipped proof does not hold here
        shipped = _at(standing.shipped, least)
        seen += math.floor(shipped.seen * standing.worth)
        wrong += math.ceil(shipped.wrong * standing.worth)
    return seen, min(wrong, seen)


def cut(standing: Standing, target: float, floor: float) -> float | None:
    """The least probability at which it goes alone, not below ``floor``; None: at none.

    A looser target than ``target`` that a person accepted by name opens the kind before it has
    proof: from where made-up payments promise it, or from ``floor`` where none were made up; not
    while it is alarmed.
    """
    wanted = standing.accepted if standing.accepted is not None else target
    steps = _steps(standing)
    for least in steps:
        if _proves(*_counted(standing, least), wanted):
            return max(least, floor)
    if standing.accepted is None or standing.accepted <= target or standing.alarmed:
        return None
    if not standing.shipped:
        return floor
    for least in steps:
        promised = _at(standing.shipped, least)
        if _proves(promised.seen, promised.wrong, wanted):
            return max(least, floor)
    return None


def still_needed(standing: Standing, target: float) -> int:
    """The fewest right answers in a row that would prove the target; 0: it is proved.

    They must all be at least as probable as the step at which the fewest are needed.
    """
    found = [_needed(*_counted(standing, least), target) for least in _steps(standing)]
    return min(found, default=needed(target))


def _needed(seen: int, wrong: int, target: float) -> int:
    """How many right ones more prove that at most ``target`` are wrong."""
    if _proves(seen, wrong, target):
        return 0
    low, high = 0, needed(target)
    while not _proves(seen + high, wrong, target):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _proves(seen + middle, wrong, target) else (middle, high)
    return high


def _proves(seen: int, wrong: int, target: float) -> bool:
    """Whether the exact upper bound (95 %) is within the target; asked of every payment, so it is
    told without looking for the bound."""
    return wrong < seen and at_most(wrong, seen, target) <= 1.0 - _LEVEL


def is_drifting(answers: Sequence[bool], target: float) -> bool:
    """Whether the newest answers prove that more than ``target`` are wrong."""
    wrong = list(answers).count(False)
    return lower_bound(wrong, len(answers)) > target


def _steps(standing: Standing) -> list[float]:
    return sorted({each.least for each in (*standing.own, *standing.shipped)})


def _at(cuts: Sequence[Cut], least: float) -> Cut:
    """What was counted from this probability on."""
    return next((each for each in cuts if each.least >= least), Cut(least, 0, 0))
