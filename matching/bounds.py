"""Exact bounds on a rate from how often something was seen (Clopper and Pearson 1934)."""

from __future__ import annotations

import math
from collections.abc import Callable

_STEPS = 60  # halvings: beyond what a double can tell


def upper_bound(wrong: int, seen: int, level: float = 0.95) -> float:
    """The rate above which so few wrong of so many would be seen less than 1 - ``level`` often.

    One-sided. 1.0 for nothing seen. Raises ``ValueError`` unless 0 <= wrong <= seen.
    """
    _check(wrong, seen, level)
    if wrong == seen:
        return 1.0
    if wrong == 0:
        return -math.expm1(math.log(1.0 - level) / seen)
    return _where(lambda rate: at_most(wrong, seen, rate) > 1.0 - level)


def lower_bound(wrong: int, seen: int, level: float = 0.95) -> float:
    """The rate below which so many wrong of so many would be seen less than 1 - ``level`` often.

    One-sided. 0.0 for none wrong. Raises ``ValueError`` unless 0 <= wrong <= seen.
    """
    _check(wrong, seen, level)
    if wrong == 0:
        return 0.0
    return _where(lambda rate: 1.0 - at_most(wrong - 1, seen, rate) < 1.0 - level)


def at_most(wrong: int, seen: int, rate: float) -> float:
    """The probability of ``wrong`` or fewer of ``seen``, each wrong with probability ``rate``."""
    if rate <= 0.0:
        return 1.0
    if rate >= 1.0:
        return 1.0 if wrong >= seen else 0.0
    terms = [
        math.lgamma(seen + 1) - math.lgamma(k + 1) - math.lgamma(seen - k + 1)
        + k * math.log(rate) + (seen - k) * math.log1p(-rate)
        for k in range(wrong + 1)
    ]  # fmt: skip
    top = max(terms)
    return min(1.0, math.exp(top) * math.fsum(math.exp(term - top) for term in terms))


def needed(target: float, level: float = 0.95) -> int:
    """How many must be seen, none of them wrong, for ``upper_bound`` to reach ``target``."""
    if not 0.0 < target < 1.0:
        raise ValueError("a target is a rate between 0 and 1")
    return math.ceil(math.log(1.0 - level) / math.log1p(-target))


def _check(wrong: int, seen: int, level: float) -> None:
    if not 0 <= wrong <= seen:
        raise ValueError("as many wrong as were seen, or fewer")
    if not 0.0 < level < 1.0:
        raise ValueError("a level is a probability between 0 and 1")


def _where(below: Callable[[float], bool]) -> float:
    """The rate at which ``below`` turns from true to false."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if below(middle):
            low = middle
        else:
            high = middle
    return high
