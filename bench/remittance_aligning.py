"""Which line that was read is which line of the truth: both in print order, with gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# What makes two lines the same line. Half of the weight that the truth has must agree.
_WEIGHTS = {"procedure_code": 2.0, "charged_cents": 2.0, "paid_cents": 1.5, "service_on": 1.0,
            "allowed_cents": 0.5}  # fmt: skip
_ENOUGH = 0.5


def likeness(truth: Mapping[str, Any], read: Mapping[str, Any]) -> float:
    """How much of a line's own marks agree, 0 to 1; nothing agrees with what was not read."""
    asked = {name: weight for name, weight in _WEIGHTS.items() if truth.get(name) is not None}
    same = sum(weight for name, weight in asked.items() if truth[name] == read.get(name))
    return same / max(sum(asked.values()), 0.1)


def aligned(
    truth: Sequence[Mapping[str, Any]], read: Sequence[Mapping[str, Any]]
) -> list[tuple[int, int]]:
    """Pairs of indices (of the truth, of the reading), order kept, with the most in common."""
    rows, cols = len(truth), len(read)
    like = [[likeness(t, r) for r in read] for t in truth]
    best = [[0.0] * (cols + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for col in range(cols - 1, -1, -1):
            both = like[row][col] + best[row + 1][col + 1] if like[row][col] >= _ENOUGH else -1.0
            best[row][col] = max(both, best[row + 1][col], best[row][col + 1])
    pairs: list[tuple[int, int]] = []
    row = col = 0
    while row < rows and col < cols:
        here = like[row][col]
        if here >= _ENOUGH and best[row][col] == here + best[row + 1][col + 1]:
            pairs.append((row, col))
            row, col = row + 1, col + 1
        elif best[row][col] == best[row + 1][col]:
            row += 1
        else:
            col += 1
    return pairs
