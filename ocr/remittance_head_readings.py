"""The ways in which lines of a table's head can be read: which words make one column's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocr.remittance_cells import CLAIM_LABELS, MONEY
from ocr.remittance_head_cells import HeadCell
from ocr.remittance_lexicon import column_role, known_role
from ocr.remittance_named_roles import names_in
from ocr.remittance_rows import Row, Token

_MONEY = frozenset(MONEY)
_HALVES = 0.4  # heights between the words of one name, cut down the middle


def readings(block: Sequence[Row]) -> Iterable[tuple[list[HeadCell], int]]:
    """The ways to read lines as one head: its cells, and the printed lines of a record."""
    yield single(block[0], 0) if len(block) == 1 else _stacked(block, by_run=True), 1
    if len(block) > 1:
        yield _stacked(block, by_run=False), 1
        yield _anchored(block), 1
    if 2 <= len(block) <= 3:
        yield [cell for level, row in enumerate(block) for cell in single(row, level)], len(block)
    if len(block) >= 3:  # wrapped heads over the lines of a record
        for cut in range(1, len(block)):
            parts = (block[:cut], block[cut:])
            yield [
                cell
                for level, part in enumerate(parts)
                for cell in (single(part[0], level) if len(part) == 1 else
                             _stacked(part, by_run=True, level=level))
            ], 2  # fmt: skip


def amounts_stacked(cells: Sequence[HeadCell], block: Sequence[Row]) -> list[HeadCell] | None:
    """The cells with a head that names two amounts over each other as two, on two lines.

    None where no head does. A record then has its first amount over its second.
    """
    split: list[HeadCell] = []
    at = 0
    while at < len(cells):
        for count in (1, 2):  # a wide pair of heads may have been parted down the middle
            parts = _over_each_other(cells[at : at + count], block)
            if parts:
                split.extend(parts)
                at += count
                break
        else:
            split.append(cells[at])
            at += 1
    return split if any(cell.level for cell in split) else None


def _over_each_other(cells: Sequence[HeadCell], block: Sequence[Row]) -> list[HeadCell]:
    """Two amounts that heads name over each other, each on its line; empty where they do not.

    A cell that is one name as it stands is one amount, whatever stands beside its second line.
    """
    if not cells or (any(known_role(c.text) is not None for c in cells) and not _one(cells, block)):
        return []
    left, right = cells[0].left, cells[-1].right
    lines = [[t for t in r.tokens if t.right > left + 1 and t.left < right - 1] for r in block]
    parts = [part for part in lines if part]
    roles = [known_role(" ".join(t.text for t in part)) for part in parts]
    if len(parts) != 2 or len(set(roles)) != 2 or not set(roles) <= _MONEY:
        return []
    return [_cell(part, role, n) for n, (part, role) in enumerate(zip(parts, roles, strict=True))]


def _one(cells: Sequence[HeadCell], block: Sequence[Row]) -> bool:
    """Whether two cells stand so close that they are the halves of names over each other."""
    if len(cells) != 2:
        return False
    return cells[1].left - cells[0].right <= _HALVES * max(row.height for row in block)


def made_whole(cells: Sequence[HeadCell], height: float) -> list[HeadCell]:
    """Cells that the wide spaces of small capitals cut in two joined: ``BILLED`` ``AMT``."""
    whole: list[HeadCell] = []
    for cell in cells:
        last = whole[-1] if whole else None
        if (
            last is not None
            and last.level == cell.level
            and last.role not in {"reasons", "group"}
            and cell.left - last.right <= 2.2 * height
            and (last.role is None or cell.role is None or last.role == cell.role)
        ):
            text = f"{last.text} {cell.text}"
            role = known_role(text)
            if role is not None:
                words = last.words + cell.words
                whole[-1] = HeadCell(text, role, last.left, cell.right, cell.level, words)
                continue
        whole.append(cell)
    return whole


def single(row: Row, level: int) -> list[HeadCell]:
    """The cells of a head's line: runs that are a name, or several names printed close."""
    cells: list[HeadCell] = []
    for run in row.runs(0.9):
        text = " ".join(token.text for token in run)
        role = known_role(text)
        names = names_in(tuple(token.text for token in run)) if role is None else ()
        if role is None and len(names) < 2:
            role, names = column_role(text), names if column_role(text) is None else ()
        if not names or (len(names) == 1 and len(run) <= 2):
            cells.append(_cell(run, role, level))
            continue
        cells.extend(_cut(run, names, level))
    return cells


def _cut(
    run: Sequence[Token], names: Sequence[tuple[str, int, int]], level: int
) -> Iterable[HeadCell]:
    """A run of several names as cells; words between them are a column nobody knows."""
    at = 0
    for role, first, last in names:
        if first > at:
            yield _cell(run[at:first], None, level)
        yield _cell(run[first : last + 1], role, level)
        at = last + 1
    if at < len(run):
        yield _cell(run[at:], None, level)


def _cell(tokens: Sequence[Token], role: str | None, level: int) -> HeadCell:
    text = " ".join(token.text for token in tokens)
    words = tuple((token.text, token.left, token.right) for token in tokens)
    return HeadCell(
        text, role, min(t.left for t in tokens), max(t.right for t in tokens), level, words
    )


def _stacked(block: Sequence[Row], *, by_run: bool, level: int = 0) -> list[HeadCell]:
    """Heads of several lines: words that stand over each other form one name."""
    pieces = [
        piece
        for row in block
        for piece in (row.runs(0.9) if by_run else [(token,) for token in row.tokens])
    ]
    groups: list[list[tuple[Token, ...]]] = []
    for piece in sorted(pieces, key=lambda p: p[0].left):
        over = [group for group in groups if _overlap(group, piece)]
        if over:
            for group in over[1:]:
                over[0].extend(group)
                groups.remove(group)
            over[0].append(piece)
        else:
            groups.append([piece])
    if not by_run:
        groups = _joined(groups)
    cells = []
    for group in groups:
        tokens = [token for piece in group for token in piece]
        tokens.sort(key=lambda token: (_line_of(token, block), token.left))
        cells.append(_cell(tokens, column_role(" ".join(t.text for t in tokens)), level))
    return sorted(cells, key=lambda cell: cell.left)


def _anchored(block: Sequence[Row]) -> list[HeadCell]:
    """Heads of several lines, each word of the upper ones over the lowest line's nearest name."""
    anchors = block[-1].runs(0.9)
    groups: list[list[Token]] = [list(anchor) for anchor in anchors]
    for row in block[:-1]:
        for run in row.runs(0.9):
            over = [
                min(run[-1].right, anchor[-1].right) - max(run[0].left, anchor[0].left)
                for anchor in anchors
            ]
            at = max(range(len(over)), key=lambda one: over[one])
            if over[at] > 0:
                groups[at].extend(run)
            else:
                groups.append(list(run))
    cells = []
    for group in groups:
        group.sort(key=lambda token: (_line_of(token, block), token.left))
        cells.append(_cell(group, column_role(" ".join(t.text for t in group)), 0))
    return sorted(cells, key=lambda cell: cell.left)


def _line_of(token: Token, block: Sequence[Row]) -> int:
    return min(range(len(block)), key=lambda at: abs(block[at].top - token.top))


def _overlap(group: Sequence[tuple[Token, ...]], piece: Sequence[Token]) -> bool:
    return any(
        other[0].left < piece[-1].right and piece[0].left < other[-1].right for other in group
    )


def _joined(groups: list[list[tuple[Token, ...]]]) -> list[list[tuple[Token, ...]]]:
    """Groups of words side by side joined where only together they are a name."""
    joined: list[list[tuple[Token, ...]]] = []
    for group in sorted(groups, key=lambda g: min(p[0].left for p in g)):
        if (
            joined
            and _name_of(joined[-1] + group)
            and (not (_name_of(joined[-1]) and _name_of(group)) or _of_money(joined[-1], group))
        ):
            gap = min(p[0].left for p in group) - max(p[-1].right for p in joined[-1])
            if gap <= 0.9 * group[0][0].height:
                joined[-1] = joined[-1] + group
                continue
        joined.append(list(group))
    return joined


def _of_money(before: Sequence[tuple[Token, ...]], group: Sequence[tuple[Token, ...]]) -> bool:
    """Whether two names side by side are one amount with whose it is: ``PROV`` ``PD AMT``."""
    owner = _name_of(before) in CLAIM_LABELS or _name_of(group) in CLAIM_LABELS
    return owner and _name_of([*before, *group]) in _MONEY


def _name_of(group: Sequence[tuple[Token, ...]]) -> str | None:
    tokens = sorted((t for piece in group for t in piece), key=lambda t: t.top)
    lines: list[list[Token]] = []
    for token in tokens:
        if lines and token.top - lines[-1][0].top <= 0.6 * token.height:
            lines[-1].append(token)
        else:
            lines.append([token])
    said = [token.text for line in lines for token in sorted(line, key=lambda t: t.left)]
    return known_role(" ".join(said))
