"""From which probability a kind of evidence may go alone: what its proof and its target allow.

Never pooled: payments without a coupon err ten times as often as those with one, and a common
threshold hides it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matching.bounds import lower_bound, upper_bound
from matching.model import MADE_UP, Cut


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


def bound(standing: Standing, least: float) -> float:
    """The rate of wrong ones from this probability on, at most (95 %)."""
    own = _at(standing.own, least)
    seen, wrong = own.seen, own.wrong
    if not standing.alarmed:  # an alarm says that the shipped proof does not hold here
        shipped = _at(standing.shipped, least)
        seen += math.floor(shipped.seen * standing.worth)
        wrong += math.ceil(shipped.wrong * standing.worth)
    return upper_bound(min(wrong, seen), seen)


def cut(standing: Standing, target: float, floor: float) -> float | None:
    """The least probability at which it goes alone, not below ``floor``; None: at none.

    A looser target than ``target`` that a person accepted by name opens the kind before it has
    proof: from where made-up payments promise it, or from ``floor`` where none were made up; not
    while it is alarmed.
    """
    wanted = standing.accepted if standing.accepted is not None else target
    steps = _steps(standing)
    for least in steps:
        if bound(standing, least) <= wanted:
            return max(least, floor)
    if standing.accepted is None or standing.accepted <= target or standing.alarmed:
        return None
    if not standing.shipped:
        return floor
    for least in steps:
        promised = _at(standing.shipped, least)
        if promised.seen and upper_bound(promised.wrong, promised.seen) <= wanted:
            return max(least, floor)
    return None


def is_drifting(answers: Sequence[bool], target: float) -> bool:
    """Whether the newest answers prove that more than ``target`` are wrong."""
    wrong = list(answers).count(False)
    return lower_bound(wrong, len(answers)) > target


def _steps(standing: Standing) -> list[float]:
    return sorted({each.least for each in (*standing.own, *standing.shipped)})


def _at(cuts: Sequence[Cut], least: float) -> Cut:
    """What was counted from this probability on."""
    return next((each for each in cuts if each.least >= least), Cut(least, 0, 0))
