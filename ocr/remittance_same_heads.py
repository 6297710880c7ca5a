"""A head that was misread, or has a line too many, told by the same head on another page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_rows import Row

_MAIN = frozenset({"charged_cents", "allowed_cents", "paid_cents"})  # never lost for others
_FEWEST = 3  # columns that both heads call by the same words
_SAME, _COVERED = (
    0.3,
    0.8,
)  # of the sound head's columns: called the same, standing in the same place


def told_by_others(by_page: Sequence[Sequence[Head]]) -> list[list[Head]]:
    """The heads of each page, each with the columns of the soundest head printed like it."""
    every = [head for heads in by_page for head in heads]
    return [[_soundest(head, every) for head in heads] for heads in by_page]


def told_by_lines(
    by_page: Sequence[Sequence[Head]], pages: Sequence[Sequence[Row]]
) -> list[list[Head]]:
    """The heads of each page; one that repeats a head under a line that is none of it is that head.

    On a later page the letterhead may stand right over the head, and reads as its first line.
    """
    known: dict[tuple[str, ...], tuple[Head, float]] = {}
    told: list[list[Head]] = []
    for heads, rows in zip(by_page, pages, strict=True):
        told.append([])
        for head in heads:
            # Numbers of rows may have gaps: a blank row between two lines of a head has none.
            lines = [row for row in rows if head.first <= row.number <= head.last]
            texts = tuple(row.text for row in lines)
            again = next((texts[at:] for at in range(1, len(texts)) if texts[at:] in known), None)
            left = lines[-1].tokens[0].left
            if again is None:
                known.setdefault(texts, (head, left))
                told[-1].append(head)
                continue
            other, place = known[again]
            cells, claims = (
                tuple(_moved(cell, left - place) for cell in each)
                for each in (other.cells, other.claims)
            )
            first = head.last - len(again) + 1
            told[-1].append(replace(other, cells=cells, claims=claims, first=first, last=head.last))
    return told


def _soundest(head: Head, every: Sequence[Head]) -> Head:
    best, most = head, _told(head)
    for other in every:
        if other is head or _told(other) <= most or head.roles & _MAIN - other.roles:
            continue
        shift = _shift(head, other)
        if shift is not None and _covered(head, other, shift) >= _COVERED * len(other.cells):
            cells = tuple(_moved(cell, shift) for cell in other.cells)
            best, most = replace(head, cells=cells, levels=other.levels), _told(other)
    return best


def _told(head: Head) -> float:
    """How well a head tells its columns: roles that it has less columns that say nothing."""
    return len(head.roles) - 0.5 * sum(cell.role is None for cell in head.cells)


def _shift(head: Head, other: Head) -> float | None:
    """How far a head stands right of the other one; None where they are not the same."""
    mine, its = _words(head), _words(other)
    apart = sorted(mine[word] - its[word] for word in mine.keys() & its.keys())
    if len(apart) < max(_FEWEST, _SAME * len(its)):
        return None
    return apart[len(apart) // 2]


def _words(head: Head) -> dict[str, float]:
    """The words that a head has once, each with its left edge."""
    every = [(text.casefold(), left) for cell in head.cells for text, left, _ in cell.words]
    every = every or [(cell.text.casefold(), cell.left) for cell in head.cells]
    once = Counter(text for text, _ in every)
    return {text: left for text, left in every if once[text] == 1}


def _covered(head: Head, other: Head, shift: float) -> int:
    """How many columns of the other head stand where this one has words, too."""
    return sum(
        any(
            mine.left < cell.right + shift and cell.left + shift < mine.right for mine in head.cells
        )
        for cell in other.cells
    )


def _moved(cell: HeadCell, shift: float) -> HeadCell:
    words = tuple((text, left + shift, right + shift) for text, left, right in cell.words)
    return replace(cell, left=cell.left + shift, right=cell.right + shift, words=words)
