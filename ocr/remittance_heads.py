"""Heads of a remittance's tables: which rows name columns, and what each column is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.remittance_cells import CLAIM_LABELS, MONEY
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_head_readings import amounts_stacked, made_whole, readings, single
from ocr.remittance_named_roles import named_roles
from ocr.remittance_rows import Row, has_procedure, service_like

_NAMES_OF_A_HEAD = 3
_OF_A_SENTENCE = 2.0  # heights between words, at most: names that wrap in columns stand apart
_DEEPEST = 4  # lines of one head
_OVERLAP = 0.5  # of the narrower of two names: they stand over each other
_MONEY = frozenset(MONEY)
_CODED = re.compile(r"^(C[O0]|PR|[O0]A|P[I1])(-?[A-Z]?\d{1,3})?$|^\d{1,3}$")
_SUM = re.compile(r"total|carried|brought", re.IGNORECASE)


def heads_of(rows: Sequence[Row]) -> list[Head]:
    """The heads on a page, top down."""
    found: list[Head] = []
    start = 0
    while start < len(rows):
        end = start
        while (
            end < len(rows)
            and rows[end].bare
            and not _tells(rows[end])
            and (end == start or _near(rows[end - 1 : end + 1]))
        ):
            end += 1
        if end > start:
            most = max((len(row.amounts) for row in rows[end : end + 8]), default=0)
            block = _told_by(rows[start:end], rows[end:]) if most else None
            if block is not None:
                head = _told_by_place(block)
                money = head.roles & _MONEY
                whole = most >= 2 and (len(money) >= 2 or len(head.cells) >= 5)
                if whole or {"reasons", "adjusted"} <= head.roles:
                    found.append(head)
        start = max(end, start + 1)
    return found


def _told_by(bare: Sequence[Row], below: Sequence[Row]) -> Head | None:
    """The head that rows without values hold over rows with some."""
    lines, one = _lines_of_a_record(below)
    return _either(_parted(bare), _best(bare, lines, stacked=one))


def _either(parted: tuple[Head, int] | None, whole: Head | None) -> Head | None:
    """The two heads over each other, unless their lines read as one name more of its columns."""
    if parted is None:
        return whole
    both, lower = parted
    if whole is None or whole.levels > 1:
        return both
    covers = whole.first < lower and whole.last >= both.last
    unknown = [sum(cell.role is None for cell in head.cells) for head in (whole, both)]
    better = len(whole.roles) >= len(both.roles) and unknown[0] <= unknown[1]
    return whole if covers and better else both


def _parted(rows: Sequence[Row]) -> tuple[Head, int] | None:
    """A head of services with the head of their claims right over it; None where not both are.

    Beside it the row where that of the services begins. Both name amounts, one of them the same:
    what a claim comes to, and what each service is.
    """
    for cut in range(len(rows) - 1, 0, -1):
        lower = _best(rows[cut:], 1, stacked=False)
        if lower is None or not _names_services(lower) or lower.first != rows[cut].number:
            continue
        band = _band(rows[cut - 1])
        if band:
            return replace(lower, first=rows[cut - 1].number, claims=tuple(band)), lower.first
        upper = _best(rows[:cut], 1, stacked=False)
        if upper is None or not _names_claims(upper) or upper.last != rows[cut - 1].number:
            continue
        if upper.roles & lower.roles & _MONEY:
            return replace(lower, first=upper.first, claims=upper.cells), lower.first
    return None


def _band(row: Row) -> list[HeadCell]:
    """The cells of a line of heads that names whose a claim is and no amount; empty elsewhere."""
    cells = single(row, 0)
    roles = [cell.role for cell in cells]
    whose = {"patient_name", "claim_number"} & set(roles)
    all_of_claims = all(role in CLAIM_LABELS for role in roles)
    return cells if whose and all_of_claims and len(set(roles)) >= _NAMES_OF_A_HEAD else []


def _names_services(head: Head) -> bool:
    roles, own = head.roles, set(CLAIM_LABELS) - {"provider_name"}
    named = roles & {"service_on", "procedure_code"}
    return bool(named) and len(roles & _MONEY) >= 2 and not roles & own


def _names_claims(head: Head) -> bool:
    roles = head.roles
    return (
        len(roles & set(CLAIM_LABELS)) >= 2
        and bool(roles & {"patient_name", "claim_number"})
        and bool(roles & _MONEY)
        and "procedure_code" not in roles
    )


def _lines_of_a_record(below: Sequence[Row]) -> tuple[int, bool]:
    """Printed lines of a record, more than one when rows after services hold more amounts;
    and whether such rows hold one amount at least, without a reason's code."""
    rows = [row for row in below if row.amounts and not _said(row) and not _SUM.search(row.text)]
    kinds = [(any(t.day for t in row.tokens), has_procedure(row)) for row in rows]
    split = sum(
        (a[0] and not a[1] and b[1] and not b[0]) or (a[1] and not a[0] and b[0] and not b[1])
        for a, b in pairwise(kinds)
    )
    if split >= 1 and split >= 0.4 * len(kinds):
        return 2, True  # the date on one line, the code on the other
    more = [
        len(after.amounts) >= 2 and not service_like(after)
        for row, after in pairwise(rows)
        if service_like(row)
    ]
    one = [
        not service_like(after) and not any(_CODED.match(t.text) for t in after.tokens)
        for row, after in pairwise(rows)
        if service_like(row)
    ]
    several = bool(more) and sum(more) >= 0.5 * len(more)
    return 2 if several else 1, bool(one) and sum(one) >= 0.5 * len(one)


def _tells(row: Row) -> bool:
    """Whether a row is a label and its value, and no line of a head: ``Provider: Anita Rao``."""
    colon = next((at for at, t in enumerate(row.tokens) if t.text.endswith(":")), None)
    named = named_roles(row)
    if colon is not None and colon + 1 < len(row.tokens) and len(named) < _NAMES_OF_A_HEAD:
        following = row.tokens[colon + 1]
        return following.left - row.tokens[colon].right <= 8 * following.height
    if (
        len(named) != 1
        or named[0].first > 0
        or named[0].role not in {"patient_name", "provider_name"}
    ):
        return False
    rest = row.tokens[named[0].last + 1 :]
    return 2 <= len(rest) <= 5 and all(t.text.strip(".,").isalpha() for t in rest)


def _said(row: Row) -> bool:
    """Whether a row tells one amount in words: ``Amount paid for this claim: 21.71``."""
    if len(row.amounts) != 1 or has_procedure(row):
        return False
    words = [token.text for token in row.tokens if token.cents is None]
    spoken = max(
        (
            sum(len(t.text.strip(".,:;()")) >= 3 and t.text[0].isalpha() for t in run)
            for run in row.runs(_OF_A_SENTENCE)
        ),
        default=0,
    )
    labelled = bool(words) and words[-1].endswith(":") and not service_like(row)
    return labelled or spoken >= 4


def _told_by_place(head: Head) -> Head:
    """The head with a bare ``Amount`` right of the reasons' codes told: it is theirs."""
    cells = list(head.cells)
    for at, (before, cell) in enumerate(pairwise(head.cells), start=1):
        bare = cell.role is None and cell.text.lower().strip(".:") in {"amount", "amt", "amount $"}
        if bare and before.role in {"reasons", "group"} and before.level == cell.level:
            cells[at] = replace(cell, role="adjusted")
    return replace(head, cells=tuple(cells))


def _near(pair: Sequence[Row]) -> bool:
    upper, lower = pair
    return lower.top - upper.top <= 2.6 * max(8.0, upper.height, lower.height)


def _best(rows: Sequence[Row], lines: int, *, stacked: bool) -> Head | None:
    """The head that rows without values hold: the reading that names most columns."""
    scored: list[tuple[float, Head]] = []
    for last in range(len(rows) - 1, max(-1, len(rows) - 4), -1):
        for depth in range(1, min(_DEEPEST, last + 1) + 1):
            block = rows[last - depth + 1 : last + 1]
            height = max(row.height for row in block)
            for apart, levels in readings(block):
                cells = made_whole(apart, height)
                split = amounts_stacked(cells, block) if stacked and levels == 1 else None
                score = 0.0 if split is None else _score(split)
                if split is not None and score > 0:
                    head = Head(tuple(split), block[0].number, block[-1].number, 2)
                    scored.append((score + 0.5, head))
                if levels > lines and not _of_claims(cells):
                    continue
                score = _score(cells)
                if score > 0:
                    head = Head(tuple(cells), block[0].number, block[-1].number, levels)
                    score -= 0.01 * depth + 0.2 * (len(rows) - 1 - last)
                    if last - depth >= 0 and _goes_with(rows[last - depth], block[0]):
                        score -= 1.5  # a line of the head left out
                    elif last - depth >= 0 and _set_close(rows[last - depth], block[0]):
                        score -= 0.05
                    scored.append((score, head))
        if scored and last < len(rows) - 1:
            break
    return max(scored, key=lambda one: one[0])[1] if scored else None


def _goes_with(above: Row, row: Row) -> bool:
    """Whether a line is printed right over a head's line, in as many parts."""
    near = row.top - above.top <= 1.9 * max(above.height, row.height)
    return near and len(above.runs(0.9)) >= 3


def _set_close(above: Row, row: Row) -> bool:
    """Whether a line is printed as close over another as lines of one head are."""
    return row.top - above.top <= 1.35 * max(above.height, row.height)


def _of_claims(cells: Sequence[HeadCell]) -> bool:
    """Whether the first line of a head names whose claim it is and nothing else."""
    return {cell.role for cell in cells if cell.level == 0} <= {*CLAIM_LABELS, None}


def _score(cells: Sequence[HeadCell]) -> float:
    """How well cells make a head; 0 when they make none."""
    roles = [cell.role for cell in cells if cell.role is not None]
    distinct = set(roles)
    money = distinct & _MONEY
    if len(cells) < 3 or len(distinct) < 3 or not money or len(roles) < 0.45 * len(cells):
        return 0.0
    apart = {"reasons", "adjusted"} <= distinct
    if len(money) < 2 and not apart and not (distinct & {"service_on", "procedure_code"}):
        return 0.0
    lost = 0.45 * (len(cells) - len(roles)) + 1.0 * (len(roles) - len(distinct))
    return len(distinct) - lost - 1.0 * _over_each_other(cells)


def _over_each_other(cells: Sequence[HeadCell]) -> int:
    """How many cells stand over the one before: words of one column, not the heads of two."""
    lines = sorted(cells, key=lambda cell: (cell.level, cell.left))
    return sum(
        one.level == other.level
        and one.right - other.left > _OVERLAP * min(one.right - one.left, other.right - other.left)
        for one, other in pairwise(lines)
    )
