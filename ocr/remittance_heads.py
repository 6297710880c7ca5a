"""Heads of a remittance's tables: which rows name columns, and what each column is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ocr.remittance_cells import CLAIM_LABELS, MONEY
from ocr.remittance_lexicon import LONGEST, column_role, known_role, may_open, role_of, spelled
from ocr.remittance_rows import Row, Token, has_procedure, service_like

_NAMES_OF_A_HEAD = 3
_OF_A_SENTENCE = 2.0  # heights between words, at most: names that wrap in columns stand apart
_DEEPEST = 4  # lines of one head
_MONEY = frozenset(MONEY)
_CODED = re.compile(r"^(C[O0]|PR|[O0]A|P[I1])(-?[A-Z]?\d{1,3})?$|^\d{1,3}$")
_SUM = re.compile(r"total|carried|brought", re.IGNORECASE)
_TITLE = re.compile(
    r"explanation of (benefit|payment)|remittance (advice|notice|statement|summary)|"
    r"statement of|payment (voucher|summary|advice|statement)|claims? (payment|summary) ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HeadCell:
    """One column's head: its words, its role where known, its span in straight pixels.

    ``level`` numbers the printed line of a record that the column is on, from 0.
    """

    text: str
    role: str | None
    left: float
    right: float
    level: int = 0
    words: tuple[tuple[str, float, float], ...] = ()  # text, left and right of each


@dataclass(frozen=True, slots=True)
class Head:
    """A table's head: its cells left to right, the rows it takes, the lines of a record.

    ``claims`` are the cells of a head right over it that names the rows of the claims.
    """

    cells: tuple[HeadCell, ...]
    first: int
    last: int
    levels: int = 1
    claims: tuple[HeadCell, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles that are known."""
        return frozenset(cell.role for cell in self.cells if cell.role is not None)

    def level_of(self, role: str) -> int:
        """The printed line of a record that a role's column is on; the first for none."""
        return min((cell.level for cell in self.cells if cell.role == role), default=0)

    @property
    def opens(self) -> int:
        """The line that a record begins with: the first with the day or the code of a service."""
        return min(
            (c.level for c in self.cells if c.role in {"service_on", "procedure_code"}), default=0
        )

    def of_codes(self, shift: float) -> list[tuple[float, float]]:
        """Left and right of the columns of procedures on a page that stands ``shift`` right."""
        return [(c.left + shift, c.right + shift) for c in self.cells if c.role == "procedure_code"]

    @property
    def key(self) -> tuple[tuple[str, int], ...]:
        """What a head on a continuation page has in common with this one."""
        return tuple((cell.text.lower(), cell.level) for cell in self.cells)


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
        found.extend(Named(role, start + a, start + b) for role, a, b in _names(words))
        start += len(run)
    return found


@lru_cache(maxsize=16384)
def _names(words: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
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
            lines, one = _lines_of_a_record(rows[end:])
            bare = rows[start:end]
            block = _either(_parted(bare), _best(bare, lines, stacked=one)) if most else None
            if block is not None:
                head = _told_by_place(block)
                money = head.roles & _MONEY
                whole = most >= 2 and (len(money) >= 2 or len(head.cells) >= 5)
                if whole or {"reasons", "adjusted"} <= head.roles:
                    found.append(head)
        start = max(end, start + 1)
    return found


def _either(parted: Head | None, whole: Head | None) -> Head | None:
    """The two heads over each other, unless their lines read as one name more of its columns."""
    if parted is None or whole is None or whole.levels > 1:
        return parted or whole
    covers = whole.first < parted.last and whole.last >= parted.last
    unknown = [sum(cell.role is None for cell in head.cells) for head in (whole, parted)]
    better = len(whole.roles) >= len(parted.roles) and unknown[0] <= unknown[1]
    return whole if covers and better else parted


def _parted(rows: Sequence[Row]) -> Head | None:
    """A head of services with the head of their claims right over it; None where not both are.

    Both name amounts, one of them the same: what a claim comes to, and what each service is.
    """
    for cut in range(len(rows) - 1, 0, -1):
        lower = _best(rows[cut:], 1, stacked=False)
        if lower is None or not _names_services(lower) or lower.first != rows[cut].number:
            continue
        band = _band(rows[cut - 1])
        if band:
            return replace(lower, first=rows[cut - 1].number, claims=tuple(band))
        upper = _best(rows[:cut], 1, stacked=False)
        if upper is None or not _names_claims(upper) or upper.last != rows[cut - 1].number:
            continue
        if upper.roles & lower.roles & _MONEY:
            return replace(lower, first=upper.first, claims=upper.cells)
    return None


def _band(row: Row) -> list[HeadCell]:
    """The cells of a line of heads that names whose a claim is and no amount; empty elsewhere."""
    cells = _single(row, 0)
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
    rows = [row for row in below if row.amounts and not _SUM.search(row.text) and not _said(row)]
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
    words = [token.text for token in row.tokens if token.cents is None]
    spoken = max(
        (
            sum(len(t.text.strip(".,:;()")) >= 3 and t.text[0].isalpha() for t in run)
            for run in row.runs(_OF_A_SENTENCE)
        ),
        default=0,
    )
    labelled = bool(words) and words[-1].endswith(":") and not service_like(row)
    return len(row.amounts) == 1 and (labelled or spoken >= 4) and not has_procedure(row)


def _may_head(row: Row) -> bool:
    return row.bare and not _TITLE.search(row.text)


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
            for apart, levels in _readings(block):
                cells = _whole(apart, height)
                split = _amounts_stacked(cells, block) if stacked and levels == 1 else None
                if split is not None:
                    score = _score(split)
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


def _readings(block: Sequence[Row]) -> Iterable[tuple[list[HeadCell], int]]:
    yield _single(block[0], 0) if len(block) == 1 else _stacked(block, by_run=True), 1
    if len(block) > 1:
        yield _stacked(block, by_run=False), 1
        yield _anchored(block), 1
    if 2 <= len(block) <= 3:
        yield [cell for level, row in enumerate(block) for cell in _single(row, level)], len(block)
    if len(block) >= 3:  # wrapped heads over the lines of a record
        for cut in range(1, len(block)):
            parts = (block[:cut], block[cut:])
            yield [
                cell
                for level, part in enumerate(parts)
                for cell in (_single(part[0], level) if len(part) == 1 else
                             _stacked(part, by_run=True, level=level))
            ], 2  # fmt: skip


def _amounts_stacked(cells: Sequence[HeadCell], block: Sequence[Row]) -> list[HeadCell] | None:
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
    if not cells or any(known_role(cell.text) is not None for cell in cells):
        return []
    left, right = cells[0].left, cells[-1].right
    lines = [[t for t in r.tokens if t.right > left + 1 and t.left < right - 1] for r in block]
    parts = [part for part in lines if part]
    roles = [known_role(" ".join(t.text for t in part)) for part in parts]
    if len(parts) != 2 or len(set(roles)) != 2 or not set(roles) <= _MONEY:
        return []
    return [_cell(part, role, n) for n, (part, role) in enumerate(zip(parts, roles, strict=True))]


def _of_claims(cells: Sequence[HeadCell]) -> bool:
    """Whether the first line of a head names whose claim it is and nothing else."""
    return {cell.role for cell in cells if cell.level == 0} <= {*CLAIM_LABELS, None}


def _whole(cells: Sequence[HeadCell], height: float) -> list[HeadCell]:
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
    return len(distinct) - 0.45 * (len(cells) - len(roles)) - 1.0 * (len(roles) - len(distinct))


def _single(row: Row, level: int) -> list[HeadCell]:
    """The cells of a head's line: runs that are a name, or several names printed close."""
    cells: list[HeadCell] = []
    for run in row.runs(0.9):
        text = " ".join(token.text for token in run)
        role = known_role(text)
        names = _names(tuple(token.text for token in run)) if role is None else ()
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


def repeats(head: Head, other: Head) -> bool:
    """Whether a head is the other one printed again, a misread letter forgiven."""
    if len(head.cells) != len(other.cells):
        return False
    same = sum(a.role == b.role if a.role or b.role else a.text.lower() == b.text.lower()
               for a, b in zip(head.cells, other.cells, strict=True))  # fmt: skip
    return same >= 0.8 * len(head.cells)


def order(head: Head) -> bool:
    """Whether the cells of each level stand left to right without overlap."""
    return all(a.right <= b.left or a.level != b.level for a, b in pairwise(head.cells))
