"""Which of some amounts add up to a sum: every way of it, or as many as are asked for."""

from __future__ import annotations

from collections.abc import Sequence

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
