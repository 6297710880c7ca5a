"""Which words of a row name a column or a label of remittances, and what they name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ocr.remittance_lexicon import LONGEST, may_open, role_of, spelled
from ocr.remittance_rows import Row


@dataclass(frozen=True, slots=True)
class Named:
    """Tokens of a row that name a role, by their positions in it."""

    role: str
    first: int
    last: int


def named_roles(row: Row) -> list[Named]:
    """The roles a row names, left to right, longest names first, never across a wide gap."""
    found: list[Named] = []
    start = 0
    for run in row.runs():
        words = tuple(token.text for token in run)
        found.extend(Named(role, start + a, start + b) for role, a, b in names_in(words))
        start += len(run)
    return found


@lru_cache(maxsize=16384)
def names_in(words: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
    """Roles named by words that stand together, with the span of each."""
    if not any(may_open(word) for word in words):
        return ()
    parts = [(place, part) for place, word in enumerate(words) for part in spelled(word)]
    found: list[tuple[str, int, int]] = []
    at = 0
    while at < len(parts):
        for length in range(min(LONGEST, len(parts) - at), 0, -1):
            end = at + length
            whole = end == len(parts) or parts[end][0] != parts[end - 1][0]
            role = role_of(tuple(part for _, part in parts[at:end])) if whole else None
            if role is not None:
                found.append((role, parts[at][0], parts[end - 1][0]))
                at = end
                break
        else:
            at += 1
    return tuple(found)
