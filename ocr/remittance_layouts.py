"""Layouts that people taught: a payer's head found again, its columns in the roles they were given.

A layout is told by its payer, the words of its head and where they stand. All is compared with
tolerance: a scan shifts, stretches and misreads a little, and is the same layout all the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_lexicon import ROLES, column_role
from ocr.remittance_rows import Row, Token, service_like
from ocr.remittance_taught import is_named

_DEEPEST = 4  # lines of one head
_ALIKE = 72.0  # of 100: a column's head with a letter or two misread
_ALL_ALIKE = 86.0  # their mean
_STEPS = 40  # positions in a fingerprint are fortieths of the head's width
_WORD = re.compile(r"[a-z0-9%#]+")


@dataclass(frozen=True, slots=True)
class Learned:
    """One column of a layout: head, span as fractions of the page's width, role; its line."""

    header: str
    left: float
    right: float
    role: str | None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one payer's layout, left to right within each level."""

    fingerprint: str
    payer: str
    columns: tuple[Learned, ...]

    @property
    def words(self) -> frozenset[str]:
        """All words of its head."""
        return frozenset(word for each in self.columns for word in _words(each.header))


def layouts_of(entries: Iterable[Mapping[str, Any]]) -> tuple[Layout, ...]:
    """Layouts from their JSON; what is none of use (no role known) is left out."""
    found = []
    for entry in entries:
        columns = tuple(
            Learned(str(each["header"]), float(each["left"]), float(each["right"]),
                    each.get("role") if each.get("role") in ROLES else None,
                    int(each.get("level") or 0))
            for each in entry.get("columns") or ()
        )  # fmt: skip
        if any(each.role for each in columns):
            payer = str(entry.get("payer") or "")
            found.append(Layout(str(entry["fingerprint"]), payer, columns))
    return tuple(found)


def layout_json(cells: Sequence[HeadCell], payer: str, width: float) -> dict[str, Any]:
    """A head as the reading's ``layout``: spans as fractions of ``width``, unknown roles null."""
    columns = [
        {"header": cell.text, "left": round(cell.left / width, 4),
         "right": round(cell.right / width, 4), "role": _kept(cell.role),
         **({"level": cell.level} if cell.level else {})}
        for cell in cells
    ]  # fmt: skip
    return {"fingerprint": fingerprint(cells, payer), "payer": payer, "columns": columns}


def fingerprint(cells: Sequence[HeadCell], payer: str) -> str:
    """The same for the same payer, head words and rounded places within the head."""
    left = min((cell.left for cell in cells), default=0.0)
    span = max((cell.right for cell in cells), default=1.0) - left
    places = [
        f"{' '.join(_words(cell.text))}@{round(_STEPS * (cell.left - left) / max(span, 1.0))}"
        for cell in cells
    ]
    told = "|".join((" ".join(_words(payer)), *places))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def of_payer(layouts: Sequence[Layout], text: str) -> tuple[Layout, ...]:
    """Those whose payer the pages name; one of no payer's own name is nobody's."""
    return tuple(each for each in layouts if is_named(each.payer, text))


def is_known(layouts: Sequence[Layout], cells: Sequence[HeadCell], payer: str) -> bool:
    """Whether a person taught this very head of this very payer: then its name was seen before."""
    heads = [_folded(cell.text) for cell in cells]
    return any(
        _folded(each.payer) == _folded(payer) != ""
        and heads == [_folded(column.header) for column in each.columns]
        for each in layouts
    )


def with_learned(
    heads: Sequence[Head], rows: Sequence[Row], layouts: Sequence[Layout]
) -> list[Head]:
    """A page's heads, with those that a layout knows in the roles it gives; they come first.

    ``layouts`` are of this payer, the newest first; a head that none knows stays as it was found.
    """
    found = [head for head in (_found(rows, layout) for layout in layouts) if head is not None]
    taken: list[Head] = []
    for head in found:
        if all(head.first > other.last or head.last < other.first for other in taken):
            taken.append(head)
    told = [_told(head, layouts) for head in heads]
    free = [
        head
        for head in told
        if all(head.first > other.last or head.last < other.first for other in taken)
    ]
    return sorted((*taken, *free), key=lambda head: head.first)


def bare_head(rows: Sequence[Row]) -> tuple[HeadCell, ...]:
    """What stands like a head above the first service where nothing is known as one; else empty.

    It is shown to a person and read by nobody.
    """
    first = next((n for n, row in enumerate(rows) if service_like(row) and len(row.amounts) >= 2),
                 None)  # fmt: skip
    if first is None:
        return ()
    last = first - 1
    while last >= 0 and first - last <= 4 and not (rows[last].bare and len(rows[last].runs()) > 2):
        last -= 1
    if last < 0 or first - last > 4:
        return ()
    block = [rows[last]]
    for row in reversed(rows[max(0, last - _DEEPEST + 1) : last]):
        near = block[0].top - row.top <= 2.0 * max(row.height, block[0].height)
        if not (row.bare and near and len(row.runs()) > 1):
            break
        block.insert(0, row)
    return tuple(_cell(group, column_role(_text(group))) for group in _columns(block))


def _found(rows: Sequence[Row], layout: Layout) -> Head | None:
    """The head of a layout of one level on a page: the lines that say its words in its places."""
    if any(each.level for each in layout.columns):
        return None
    best: tuple[float, Head] | None = None
    words = layout.words
    for last, row in enumerate(rows):
        if not row.bare or not words.intersection(_words(row.text)):
            continue
        for depth in range(1, min(_DEEPEST, last + 1) + 1):
            block = rows[last - depth + 1 : last + 1]
            tokens = [token for each in block for token in each.tokens]
            if not all(each.bare for each in block) or not _may_be(tokens, words):
                continue
            cells, alike = _placed(tokens, layout)
            if cells and (best is None or alike > best[0] + 1e-9):
                best = (alike, Head(cells, block[0].number, block[-1].number))
    return None if best is None else best[1]


def _may_be(tokens: Sequence[Token], words: frozenset[str]) -> bool:
    said = {word for token in tokens for word in _words(token.text)}
    return len(said & words) >= 0.5 * len(words) and len(said) <= 1.7 * len(words) + 2


def _placed(tokens: Sequence[Token], layout: Layout) -> tuple[tuple[HeadCell, ...], float]:
    """The tokens put into the layout's columns by place; no cells where they say something else."""
    left, right = min(t.left for t in tokens), max(t.right for t in tokens)
    first = min(each.left for each in layout.columns)
    span = max(each.right for each in layout.columns) - first
    scale = (right - left) / max(span, 1e-6)
    middles = [left + scale * ((each.left + each.right) / 2 - first) for each in layout.columns]
    groups: list[list[Token]] = [[] for _ in layout.columns]
    for token in tokens:
        at = min(range(len(middles)), key=lambda n: abs(_apart(token, layout.columns[n], left,
                                                               scale, first)))  # fmt: skip
        groups[at].append(token)
    if not all(groups):
        return (), 0.0
    heads = [_folded(each.header) for each in layout.columns]
    said = [_folded(_text(group)) for group in groups]
    ratios = [fuzz.ratio(text, head) for text, head in zip(said, heads, strict=True)]
    # Two columns of like names that changed places are another layout.
    swapped = any(fuzz.ratio(text, head) > ratio for text, ratio in zip(said, ratios, strict=True)
                  for head in heads)  # fmt: skip
    alike = sum(ratios) / len(ratios)
    if swapped or min(ratios) < _ALIKE or alike < _ALL_ALIKE:
        return (), 0.0
    cells = [
        replace(_cell(group, each.role), text=each.header)
        for group, each in zip(groups, layout.columns, strict=True)
    ]
    return tuple(cells), alike


def _apart(token: Token, column: Learned, left: float, scale: float, first: float) -> float:
    """How far a token is from a column's head, 0 within it."""
    low, high = left + scale * (column.left - first), left + scale * (column.right - first)
    within = max(low - token.middle, token.middle - high, 0.0)
    return within or 1e-3 * abs(token.middle - (low + high) / 2)


def _told(head: Head, layouts: Sequence[Layout]) -> Head:
    """A head of records of several lines in the roles of the layout with the same columns."""
    for layout in layouts:
        if len(layout.columns) != len(head.cells) or head.levels == 1:
            continue
        pairs = list(zip(head.cells, layout.columns, strict=True))
        ratios = [fuzz.ratio(_folded(cell.text), _folded(each.header)) for cell, each in pairs]
        if min(ratios) >= _ALIKE and sum(ratios) / len(ratios) >= _ALL_ALIKE:
            return replace(head, cells=tuple(replace(cell, role=each.role) for cell, each in pairs))
    return head


def _columns(block: Sequence[Row]) -> list[list[Token]]:
    """The words of a head of several lines by column: those that stand over each other."""
    groups: list[list[Token]] = []
    for run in sorted((run for row in block for run in row.runs(0.9)), key=lambda r: r[0].left):
        over = [group for group in groups if min(t.left for t in group) < run[-1].right
                and run[0].left < max(t.right for t in group)]  # fmt: skip
        if over:
            over[0].extend(run)
            for group in over[1:]:
                over[0].extend(group)
                groups.remove(group)
        else:
            groups.append(list(run))
    return groups


def _cell(group: Sequence[Token], role: str | None) -> HeadCell:
    return HeadCell(_text(group), role, min(t.left for t in group), max(t.right for t in group))


def _text(group: Sequence[Token]) -> str:
    height = max(token.height for token in group)
    ordered = sorted(group, key=lambda token: (round(token.top / max(height, 1.0)), token.left))
    return " ".join(token.text for token in ordered)


def _kept(role: str | None) -> str | None:
    return role if role in ROLES else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _folded(text: str) -> str:
    return "".join(_words(text))
