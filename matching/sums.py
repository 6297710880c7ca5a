"""Which of some amounts add up to a sum: every way of it, or as many as are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from math import gcd

MOST_ITEMS = 8
"""Above so many open items, a sum that fits says nothing of whose the money is: chance fits too."""
MOST_TRIED = 12
"""Above so many, sums are not tried at all."""


def subsets(
    amounts: Sequence[int], target: int, most: int = 2, least: int = 2
) -> list[tuple[int, ...]]:
    """Index tuples of at least ``least`` ``amounts`` (above zero) that add up to ``target``.

    Stops after ``most``: one is an answer, two are a doubt. Short ones first. ValueError for more
    than 24 amounts.
    """
    if len(amounts) > 24:
        raise ValueError("too many amounts to try their sums")
    found: list[tuple[int, ...]] = []
    order = sorted(range(len(amounts)), key=lambda place: (-amounts[place], place))
    rest = [0] * (len(order) + 1)
    for place in range(len(order) - 1, -1, -1):
        rest[place] = rest[place + 1] + amounts[order[place]]

    def search(place: int, left: int, chosen: tuple[int, ...]) -> None:
        if len(found) >= most:
            return
        if left == 0:
            if len(chosen) >= least:
                found.append(tuple(sorted(chosen)))
            return
        if place == len(order) or left < 0 or left > rest[place]:
            return
        search(place + 1, left - amounts[order[place]], (*chosen, order[place]))
        search(place + 1, left, chosen)

    search(0, target, ())
    return sorted(found, key=lambda indices: (len(indices), indices))


MOST_MET = 26
"""Above so many, ``met`` is not asked: each half would have too many sums."""
_ODDS = 1_000


def met(
    amounts: Sequence[int], target: int, most: int = 2, least: int = 1
) -> list[tuple[int, ...]]:
    """As ``subsets``, of amounts of either sign: the sums of both halves meet in the middle.

    Work and memory grow as the square root of all subsets, at most ``2**13`` sums a half.
    ValueError for more than ``MOST_MET`` amounts.
    """
    if len(amounts) > MOST_MET:
        raise ValueError("too many amounts to try their sums")
    half = len(amounts) // 2
    left, right = _sums(amounts[:half]), _sums(amounts[half:])
    by_sum: dict[int, list[int]] = defaultdict(list)
    for mask, cents in enumerate(right):
        by_sum[cents].append(mask)
    found: list[tuple[int, ...]] = []
    for mask, cents in enumerate(left):
        for other in by_sum.get(target - cents, ()):
            both = mask | other << half
            if both and both.bit_count() >= least:
                found.append(tuple(n for n in range(len(amounts)) if both >> n & 1))
                if len(found) >= most:
                    return sorted(found, key=lambda indices: (len(indices), indices))
    return sorted(found, key=lambda indices: (len(indices), indices))


def unlikely(amounts: Sequence[int], target: int) -> bool:
    """Whether chance would make this sum of these amounts in less than one of ``_ODDS`` cases.

    The more subsets there are and the rounder the amounts, the likelier a sum comes out right.
    """
    unit = reduce(gcd, amounts, target)
    return (1 << len(amounts)) * _ODDS <= abs(target) // max(abs(unit), 1)


def _sums(amounts: Sequence[int]) -> list[int]:
    """The sum of every subset, by its bit mask."""
    found = [0]
    for cents in amounts:
        found += [cents + each for each in found]
    return found
