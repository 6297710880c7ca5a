"""A printed row under a table's head as the cells of a service: amounts, dates, codes, reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocr.claim_codes import from_print
from ocr.remittance_cells import CLAIM_LABELS, MONEY, STATUS_WORDS, Reason
from ocr.remittance_grid import Grid, behind_code
from ocr.remittance_rates import rate_of
from ocr.remittance_rows import Row, Token, procedure_in, service_like
from ocr.types import Field

_CODE_CELL = re.compile(r"^[A-Z]{0,2}-?[A-Z]?\d{1,4}[A-Z]?$")
_GROUPS = {"CO": "CO", "C0": "CO", "PR": "PR", "OA": "OA", "0A": "OA", "PI": "PI", "P1": "PI",
           "CR": "CR"}  # fmt: skip
_GROUPED = re.compile(r"^(C[O0]|PR|[O0]A)-?([Il|]|(?=[Il|]?\d)[0-9Il|O]{2,3})$")
_AS_FIGURES = str.maketrans("Il|O", "1110")
_MAY_BE_CODE = re.compile(r"^[A-Z]{0,3}-?\d{1,4}[A-Z]?$|^[A-Z]{1,2}$")
_MODIFIER = re.compile(r"^[A-Z0-9]{2}$")
_MISREAD = re.compile(r"^[A-Z0-9]{5}$")
_MARK_GAP = 1.0  # heights between an amount and its mark, at most
_CODE_GAP, _SCANNED_GAP = 1.0, 1.5  # the same of a code and its amount; scans cut words close
_OWN_MARK = re.compile(r"^[A-Z]{1,2}\d{2,4}$")  # a code right behind an amount, also unexplained
_MARKED = frozenset({"patient_responsibility_cents", "shared_cost"})  # in parts, by letters
_TOLD = frozenset({"not_covered", "adjusted"})
_NEXT_WORD = 0.6  # heights between two words of a name, at most
_NAMES = frozenset({"patient_name", "provider_name"})
_OF_NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.'")
_MONTH_DAY = re.compile(r"^(0[1-9]|1[0-2])([0-3]\d)$")


@dataclass(slots=True)
class Printed:
    """What a row under a head holds, by role; ``others`` are amounts by number of column."""

    row: Row
    level: int
    days: list[Token] = field(default_factory=list)
    procedure: Token | None = None
    modifiers: list[Token] = field(default_factory=list)
    money: dict[int, Token] = field(default_factory=dict)
    texts: dict[str, list[Token]] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    codes: list[tuple[Token, str, int]] = field(default_factory=list)  # without amount; column
    remarks: list[Field] = field(default_factory=list)
    twice: bool = False  # two amounts in one column
    stray: bool = False  # an amount in no column
    unread: bool = False  # what looks like a code stands at an amount, and is none that is known

    @property
    def service(self) -> bool:
        """Whether it has the day or the code of a service."""
        return bool(self.days) or self.procedure is not None


@dataclass(slots=True)
class _Pending:
    token: Token
    code: str
    column: int
    hung: bool = False  # right before an amount in a column of adjustments


class _Reader:
    """Goes along a row's tokens and puts each where it belongs."""

    def __init__(
        self, row: Row, grid: Grid, level: int, shift: float, legend: Mapping[str, str]
    ) -> None:
        self.row, self.grid, self.level, self.shift = row, grid, level, shift
        self.legend = legend
        self.seen = Printed(row, level)
        self.pending: list[_Pending] = []
        self.percent = any(token.text.endswith("%") for token in row.tokens)  # its rate is told
        self.apart = not service_like(row)  # a row of reasons alone: each amount is its code's
        self.group: Token | None = None
        self.last: int | None = None  # the column of the word before
        self.loose: list[tuple[Token, int]] = []  # amounts of adjustments before their code

    def read(self) -> Printed:
        for at, token in enumerate(self.row.tokens):
            if token.cents is not None:
                self._amount(at, token)
            else:
                self._word(at, token)
        for token, column in self.loose:
            if self.pending:
                self._reason(self.pending.pop(0), token)
            else:
                self._put(column, token)
        self._dashes()
        self.seen.codes = [(p.token, p.code, p.column) for p in self.pending]
        return self.seen

    def _amount(self, at: int, token: Token) -> None:
        column = self.grid.amount_column(token, self.level, self.shift, rates=not self.percent)
        role = None if column is None else self.grid.columns[column].role
        waiting = self.pending[-1] if self.pending else None
        own = behind_code(self.row, at) and (self.grid.own_codes or role not in MONEY)
        hung = waiting is not None and waiting.hung
        if waiting is not None and (own or hung or self.apart or role in {"adjusted", "reasons"}):
            self.pending.pop()
            self._reason(waiting, token)
        elif column is None:
            self.seen.stray = True
        elif role == "adjusted" and self._code_follows():
            self.loose.append((token, column))
        else:
            self._put(column, token)

    def _dashes(self) -> None:
        """A dash under the amounts of a column is nothing: zero."""
        for dash in self.row.dashes:
            at = self.grid.amount_column(dash, self.level, self.shift)
            column = None if at is None else self.grid.columns[at]
            if at is None or column is None or column.low is None or column.high is None:
                continue
            inside = column.low <= dash.middle - self.shift <= column.high + dash.height
            if inside and column.role in MONEY and at not in self.seen.money:
                self.seen.money[at] = replace(dash, cents=0)

    def _code_follows(self) -> bool:
        columns = self.grid.columns
        adjusted = [c.left for c in columns if c.role == "adjusted" and c.level == self.level]
        reasons = [c.left for c in columns if c.role == "reasons" and c.level == self.level]
        return bool(adjusted and reasons) and min(adjusted) < min(reasons)

    def _put(self, column: int, token: Token) -> None:
        if column in self.seen.money:
            self.seen.twice = True
        else:
            self.seen.money[column] = token

    def _reason(self, code: _Pending, amount: Token) -> None:
        cell = self.row.field(amount.cents, [amount])
        self.seen.reasons.append(coded(code.code, cell, self.legend, code.token.confidence))

    def _word(self, at: int, token: Token) -> None:
        column = self._text_column(at, token)
        self.last = column
        role = None if column is None else self.grid.columns[column].role
        text = token.text.strip(" ,;:()*|")
        read = self.row.source != "text_layer" and text.upper() not in self.legend
        if read and (role in {"reasons", "group"} or self._paid(at)):
            text = mended_code(text)
        if token.day is not None and (role not in CLAIM_LABELS or self._headless_day(role)):
            self.seen.days.append(token)
        elif self._coded(at, token, text, role, column):
            return
        elif self._is_procedure(token, role):
            self.seen.procedure = token
        elif role == "service_on" and _MONTH_DAY.match(text) and not self.seen.days:
            self.seen.texts.setdefault("month_day", []).append(token)
        elif self._is_modifier(token, text, role):
            self.seen.modifiers.append(token)
        elif self._behind_amounts(token, text, column):
            self._code(token, text.upper(), -1)
        else:
            self.seen.unread |= self._maybe_code(at, text, column)
            if role is not None and not (role in _NAMES and text.lower() in STATUS_WORDS):
                self.seen.texts.setdefault(role, []).append(token)

    def _text_column(self, at: int, token: Token) -> int | None:
        """The column of a word; a name's next word stays with it, however far it runs."""
        column = self.grid.text_column(token, self.level, self.shift)
        before = self.row.tokens[at - 1] if at else None
        if before is None or self.last is None or not token.text[:1].isalpha():
            return column
        near = token.left - before.right <= _NEXT_WORD * max(token.height, before.height)
        if near and self.grid.columns[self.last].role in _NAMES and before.text[-1:] in _OF_NAMES:
            column = self.last if token.text.replace("-", "").isalpha() else column
        return column

    def _is_procedure(self, token: Token, role: str | None) -> bool:
        found = procedure_in(token.text)
        if found is None or self.seen.procedure is not None:
            misread = role == "procedure_code" and self.seen.procedure is None
            return misread and misread_procedure(token.text, self.row.source) is not None
        if role in {"procedure_code", "description"}:
            return True
        if role in CLAIM_LABELS:  # an account's number may look like a code
            return "procedure_code" not in self.grid.roles and not self._code_elsewhere()
        return "procedure_code" not in self.grid.roles or found[0][0] == "D"

    def _headless_day(self, role: str | None) -> bool:
        """Whether a day stands by a name because a scan lost the head over the days."""
        lost = self.row.source != "text_layer" and "service_on" not in self.grid.roles
        return lost and role in _NAMES

    def _code_elsewhere(self) -> bool:
        """Whether a word of the row may be a procedure's code in a column that names no claim."""
        may = [t for t in self.row.tokens if t.cents is None and t.day is None]
        places = (
            self.grid.text_column(t, self.level, self.shift) for t in may if procedure_in(t.text)
        )
        return any(at is not None and self.grid.columns[at].role not in CLAIM_LABELS
                   for at in places)  # fmt: skip

    def _is_modifier(self, token: Token, text: str, role: str | None) -> bool:
        parts = text.split(",")
        shaped = all(_MODIFIER.match(part) for part in parts)
        before_amounts = not self.seen.money or role == "modifiers"
        last = self.seen.modifiers[-1] if self.seen.modifiers else self.seen.procedure
        near = last is not None and token.left - last.right <= _MARK_GAP * token.height
        runs_on = near and role == "service_on"  # a second one, below the head of the days
        after = last is not None and (role in {"procedure_code", "modifiers"} or runs_on)
        after = after and before_amounts
        return shaped and (after or role == "modifiers")

    def _coded(
        self, at: int, token: Token, text: str, role: str | None, column: int | None
    ) -> bool:
        """Whether the token is a reason's or remark's code, and keep it."""
        upper = text.upper()
        if upper in _GROUPS and (role in {"group", "reasons"} or self._code_next(at)):
            self.group = token
            return True
        place = -1 if column is None else column
        grouped = self.group
        if grouped is not None and _CODE_CELL.match(upper):
            self.group = None
            token = replace(token, confidence=min(token.confidence, grouped.confidence))
            self._code(token, f"{_GROUPS[grouped.text.strip(' ,;:()*|').upper()]}-{upper}", place)
            return True
        in_column = role in {"reasons", "group"} or (role is None and upper in self.legend)
        marked = None if self._under(token, column) else self._marks(at)
        share = marked is not None and self.grid.columns[marked].role in _MARKED
        if upper in self.legend and (in_column or share):
            self._code(token, upper, marked if share and marked is not None else place)
            return True
        own = upper in self.legend or _OWN_MARK.match(upper)
        if own and (marked := self._marks(at, far=self._headless(upper))) is not None:
            self._code(token, upper, marked)
            return True
        if self._hangs(at) and _CODE_CELL.match(upper) and from_print(upper, self.legend):
            self._code(token, upper, place)
            if self.pending:
                self.pending[-1].hung = True
            return True
        found = from_print(upper, self.legend) if _CODE_CELL.match(upper) else None
        if found is None:
            return False
        known = found.group is not None and upper[:2] in _GROUPS and len(upper) > 2
        if not in_column and (not known or (role == "procedure_code" and found.unknown)):
            return False
        self._code(token, upper, place)
        return True

    def _maybe_code(self, at: int, text: str, column: int | None) -> bool:
        """Whether a word of print that is nothing else may be the code of an amount beside it."""
        if self.row.source != "text_layer" or not _MAY_BE_CODE.match(text):
            return False
        role = None if column is None else self.grid.columns[column].role
        if (role is None or not self._under(self.row.tokens[at], column)) and self._left_out():
            return True
        if role in {"units", "tooth", "line_number", "rate", "modifiers"}:
            return False
        return role == "adjusted" or self._marks(at) is not None

    def _left_out(self) -> bool:
        """Whether an amount so far is one that some reason must tell."""
        columns = self.grid.columns
        return any(t.cents and columns[at].role in _TOLD for at, t in self.seen.money.items())

    def _under(self, token: Token, column: int | None) -> bool:
        """Whether a word stands below the head of a column of codes."""
        if column is None:
            return False
        near = self.grid.columns[column]
        return near.left < token.right - self.shift and token.left - self.shift < near.right

    def _behind_amounts(self, token: Token, text: str, column: int | None) -> bool:
        """Whether a reason's number stands behind the amounts where no head names a column."""
        if not self.seen.money or not _CODE_CELL.match(text.upper()):
            return False
        found = from_print(text.upper(), self.legend)
        if found is None or found.unknown or found.remark:
            return False
        near = self.grid.columns[column] if column is not None else None
        return near is None or token.left - self.shift - near.right > 3.0 * token.height

    def _marks(self, at: int, *, far: bool = False) -> int | None:
        """The column of the amount that the token stands right behind, None where none does.

        With ``far`` they may stand in columns of their own.
        """
        if at == 0 or self.row.tokens[at - 1].cents is None:
            return None
        token, before = self.row.tokens[at], self.row.tokens[at - 1]
        if not far and token.left - before.right > _MARK_GAP * max(token.height, before.height):
            return None
        return self.grid.amount_column(before, self.level, self.shift)

    def _headless(self, code: str) -> bool:
        """Whether a scan lost the head over the codes of its legend."""
        lost = self.row.source != "text_layer" and "reasons" not in self.grid.roles
        return lost and code in self.legend and _OWN_MARK.match(code) is not None

    def _hangs(self, at: int) -> bool:
        """Whether a code stands right before an amount in a column of adjustments."""
        if not self._paid(at):
            return False
        token, amount = self.row.tokens[at], self.row.tokens[at + 1]
        column = self.grid.amount_column(amount, self.level, self.shift)
        role = None if column is None else self.grid.columns[column].role
        most = _CODE_GAP if self.row.source == "text_layer" else _SCANNED_GAP
        near = amount.left - token.right <= most * max(token.height, amount.height)
        return near and role in {"adjusted", "reasons"}

    def _paid(self, at: int) -> bool:
        """Whether an amount follows the token."""
        return at + 1 < len(self.row.tokens) and self.row.tokens[at + 1].cents is not None

    def _code_next(self, at: int) -> bool:
        following = self.row.tokens[at + 1] if at + 1 < len(self.row.tokens) else None
        return following is not None and bool(re.fullmatch(r"[A-Z]?\d{1,3}", following.text))

    def _code(self, token: Token, code: str, column: int) -> None:
        found = from_print(code, self.legend)
        if found is not None and found.remark:
            self.seen.remarks.append(self.row.field(found.code, [token]))
        else:
            self.pending.append(_Pending(token, code, column))


def coded(code: str, amount: Field, legend: Mapping[str, str], sure: float = 0.0) -> Reason:
    """A reason of a code as printed and its amount; ``legend`` tells the payer's own codes.

    ``sure`` is that of the code's print.
    """
    found = from_print(code, legend)
    if found is None or found.remark:
        return Reason(None, code, amount, unknown=True, sure=sure)
    return Reason(found.group, found.code, amount, found.payer_code, found.unknown, sure)


def read_row(row: Row, grid: Grid, level: int, shift: float, legend: Mapping[str, str]) -> Printed:
    """The row's tokens by column; ``shift`` is how far its page's table stands right of the
    first page's, in pixels; ``legend`` tells the payer's own codes."""
    return _Reader(row, grid, level, shift, legend).read()


def cells_of(printed: Printed, grid: Grid) -> dict[str, Field]:
    """The row's cells by role; an amount of an unknown column as ``?`` and the column's number."""
    row = printed.row
    cells: dict[str, Field] = {}
    for column, token in printed.money.items():
        role = grid.columns[column].role
        if role in {"rate", "units", "tooth"}:
            continue
        name = role if role in MONEY else f"?{column}"
        if name in cells:
            name = f"?{column}"
        cells[name] = row.field(token.cents, [token])
    cells.update(_day_cells(printed))
    if printed.procedure is not None:
        text = printed.procedure.text
        found = procedure_in(text)
        code, joined = found or (misread_procedure(text, row.source) or text, [])
        cells["procedure_code"] = row.field(code, [printed.procedure])
        if found is None:
            cells["procedure_code"] = replace(cells["procedure_code"], confidence=0.3)
        apart = [p for t in printed.modifiers for p in t.text.strip(" ,;()").split(",")]
        tokens = [printed.procedure] if joined else []
        if joined or apart:
            cells["modifiers"] = row.field(joined + apart, [*tokens, *printed.modifiers])
    if rate := rate_of(row):
        cells["rate"] = rate
    units = [t for t in printed.texts.get("units", ()) if t.text.isdigit()]
    cut = row.source != "text_layer" and any(t.text.startswith("0") for t in units)  # of 1.000
    if len(units) == 1 and not cut:
        cells["units"] = row.field(int(units[0].text), units)
    return cells


def mended_code(text: str) -> str:
    """A reason's code of a scan with letters among its figures as the figures: ``PRI``."""
    match = _GROUPED.match(text)
    if match is None:
        return text
    group = _GROUPS.get(match[1].upper(), match[1])
    return f"{group}-{match[2].translate(_AS_FIGURES)}"


def misread_procedure(text: str, source: str) -> str | None:
    """Five letters and digits that a text engine made of a procedure's code; None elsewhere."""
    bare = text.strip(".,:|*()").upper()
    digits = sum(c.isdigit() for c in bare)
    return bare if source != "text_layer" and _MISREAD.match(bare) and digits >= 3 else None


def _day_cells(printed: Printed) -> dict[str, Field]:
    row, days = printed.row, printed.days
    if not days:
        return {}
    first, last = days[0], days[-1]
    day, until = first.day, first.until
    tokens = [first]
    part = printed.texts.get("month_day", [])
    if part and len(days) == 1 and first.day is not None:
        digits = part[0].text.strip(" ,;:()*|")
        day, until, tokens = f"{first.day[:4]}-{digits[:2]}-{digits[2:]}", first.day, [part[0]]
        if day > until:  # from the year before
            day = f"{int(first.day[:4]) - 1}{day[4:]}"
    elif len(days) >= 2 and until is None and last.day is not None:
        until = last.day
    cells = {"service_on": row.field(day, tokens)}
    if until is not None:
        cells["service_end_on"] = row.field(until, [last if len(days) > 1 else first])
    return cells


def claim_cells(printed: Printed) -> dict[str, Sequence[Token]]:
    """What the row itself says of whose claim it is."""
    return {role: printed.texts[role] for role in CLAIM_LABELS if role in printed.texts}
