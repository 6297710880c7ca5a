"""How an amount in print is misread: one figure taken for another, a figure or a sign lost."""

from __future__ import annotations

from collections.abc import Iterator

# Figures that readers of print take for each other, either way.
_LIKE = {
    "0": "689", "1": "47", "2": "7", "3": "58", "4": "169", "5": "368", "6": "04589", "7": "12",
    "8": "03569", "9": "0468",
}  # fmt: skip

_FIGURE = 2e-4  # a reading in which this one figure is another, once two readers agreed
_LOST_FIGURE = 1e-4
_SIGN = 5e-4
_POINT = 1e-4


def slips(cents: int) -> Iterator[tuple[int, float]]:
    """Other amounts that may have been printed where ``cents`` was read, with probabilities."""
    sign = -1 if cents < 0 else 1
    figures = f"{abs(cents):03d}"
    for place, figure in enumerate(figures):
        for other in _LIKE.get(figure, ""):
            yield sign * int(figures[:place] + other + figures[place + 1 :]), _FIGURE
    for first in "123456789":
        yield sign * int(first + figures), _LOST_FIGURE / 9
    if len(figures) > 3:
        yield sign * int(figures[1:]), _LOST_FIGURE
    if cents:
        yield -cents, _SIGN
        yield cents * 100, _POINT
