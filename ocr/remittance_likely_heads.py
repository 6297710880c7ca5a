"""Heads of a scan whose words were misread, told by the one name that they are nearest to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product

from rapidfuzz.distance import Levenshtein

from ocr.labels import SHORT
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_lexicon import WORDS, column_role, known_role, spelled

_WORD = re.compile(r"[A-Za-z0-9|!%']+")
_MOST_WORDS, _MOST_WAYS = 4, 4
_FEWEST_LETTERS = 5  # of a head that is told so
_STROKES = str.maketrans("l1|!0", "iiiio")
_MISREAD = 0.34  # of its letters, at most


@lru_cache(maxsize=4096)
def likely_role(head: str) -> str | None:
    """The role of the names that differ from a head in the fewest letters; None for several.

    ``Dedectibie`` is nearest to ``Deductible``. Of a long word three letters may be misread, of a
    short one one; a stroke of one or two letters counts as one letter. A head that is known as it
    stands keeps its role.
    """
    known = column_role(head)
    words = _WORD.findall(head)
    letters = sum(map(len, words))
    if known is not None or letters < _FEWEST_LETTERS or len(words) > _MOST_WORDS:
        return known
    ways = [tuple(_ways(word)) for word in words]
    best, roles = _MISREAD * letters, set[str]()
    for way in product(*ways):
        cost = sum(each for _, each in way)
        role = known_role(" ".join(name for name, _ in way if name)) if cost <= best else None
        if role is not None:
            roles = {role} if cost < best else roles | {role}
            best = cost
    return roles.pop() if len(roles) == 1 else None


def told_by_likeness(heads: Iterable[Head]) -> list[Head]:
    """The heads with their unknown cells in the role of the likeliest name, one cell a role."""
    return [replace(head, cells=tuple(_told(head.cells))) for head in heads]


def likely_cells(cells: Sequence[HeadCell]) -> tuple[HeadCell, ...]:
    """The same for the cells of a head that names no amount as it stands."""
    return tuple(_told(cells))


def _told(cells: Sequence[HeadCell]) -> Iterator[HeadCell]:
    taken = {(cell.role, cell.level) for cell in cells}
    likely = [cell.role or likely_role(cell.text) for cell in cells]
    for cell, role in zip(cells, likely, strict=True):
        alone = sum(r == role and c.level == cell.level
                    for c, r in zip(cells, likely, strict=True)) == 1  # fmt: skip
        free = cell.role is None and (role, cell.level) not in taken
        yield replace(cell, role=role) if free and alone else cell


def _ways(word: str) -> Iterator[tuple[str, int]]:
    """What a word of a head may be with the letters misread; a short one also nothing."""
    bare = word.lower()
    if set(spelled(bare)) & WORDS:
        yield bare, 0
        return
    near = sorted(
        (Levenshtein.distance(_drawn(bare), drawn, score_cutoff=most), name)
        for name, drawn, most in _written()
        if abs(len(name) - len(bare)) <= most
    )
    most_of = {name: most for name, _, most in _written()}
    kept = [(name, apart) for apart, name in near if apart <= most_of[name]]
    if len(bare) <= 2:
        yield "", len(bare)
    yield from kept[:_MOST_WAYS]


@cache
def _written() -> tuple[tuple[str, str, int], ...]:
    """Words of heads as printed, as drawn, and how many of their letters may be misread."""
    words = {word for word in WORDS | SHORT.keys() if len(word) >= 4 and word.isalpha()}
    return tuple(
        (w, _drawn(w), 1 if len(w) < 7 else 2 if len(w) < 10 else 3) for w in sorted(words)
    )


def _drawn(word: str) -> str:
    """A word with letters that print alike as one."""
    return word.translate(_STROKES).replace("rn", "m")
