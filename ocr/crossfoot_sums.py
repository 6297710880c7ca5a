"""The sums of a remittance as equations: rows by their rules, columns by their totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocr.crossfoot import Equation, holds
from ocr.crossfoot_rules import Rule, role_of_reason, rules_of
from ocr.remittance_cells import MONEY, PaperClaim, Reason, ServiceLine, Taken
from ocr.types import Field

SOURCE = "cross-foot"
"""The source of a value that sums put right or filled."""

UNPROVED = 0.8
"""The most an amount is worth that no sum proves where one is expected to."""

_SURE_PRICE, _DOUBTFUL_PRICE = 9.0, 5.0
_SHARE_OF_SURE = 0.8
_FILLED = ("paid_cents", "allowed_cents", "patient_responsibility_cents")
_FEWEST_ROLES = 3  # of a row whose amounts are expected to add up


@dataclass(slots=True)
class Cell:
    """An amount of the document: what was read, and where to put another value.

    ``sign`` is -1 where the field holds the negative of what is printed.
    """

    read: Field
    put: Callable[[Field], None]
    sign: int = 1
    lone: bool = False  # beside other amounts, so that a sum is expected to prove it
    role: str = ""
    missing: bool = False  # nothing was read there: a blank, a dash, or print that was lost
    said: dict[int, float] = field(default_factory=dict)  # by readers, with probabilities


@dataclass(slots=True)
class Sums:
    """All amounts of a document as cells, and the equations over them."""

    cells: list[Cell] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, read: Field, put: Callable[[Field], None], sign: int = 1) -> int:
        """The number of a new cell."""
        self.cells.append(Cell(read, put, sign))
        return len(self.cells) - 1

    def of_cell(self, number: int) -> list[int]:
        """The equations a cell stands in."""
        return [
            place
            for place, equation in enumerate(self.equations)
            if any(term == number for term, _ in equation.terms)
        ]

    def equate(
        self, kind: str, terms: Sequence[tuple[int, int]], price: float, row: int | None = None
    ) -> None:
        """Note that the terms come to zero."""
        self.equations.append(Equation(tuple(terms), 0, price, row))
        self.kinds.append(kind)


def gather(
    sums: Sums,
    claims: Sequence[PaperClaim],
    taken: Sequence[Taken],
    totals: dict[str, Field],
    paid: list[Field | None],
) -> None:
    """Every amount as a cell, every sum of the document as an equation."""
    rows: list[dict[str, list[int]]] = []
    summed: set[int] = set()  # rows of totals over lines, which leave out columns of the lines
    by_claim: list[list[dict[str, list[int]]]] = []
    printed: list[dict[str, int]] = []
    for claim in claims:
        of_claim = [_row(sums, line) for line in claim.lines]
        by_claim.append(of_claim)
        printed.append(_printed(sums, claim.totals))
        rows += [*of_claim, {role: [cell] for role, cell in printed[-1].items()}]
        if of_claim:
            summed.add(len(rows) - 1)
    told = [_values(sums, row) for at, row in enumerate(rows) if row and at not in summed]
    rules = rules_of(told)
    services = [line for claim in claims for line in claim.lines]
    _blanks(sums, services, [row for of_claim in by_claim for row in of_claim], rules)
    used = {role for row in told for role, cents in row.items() if cents}
    for number, row in enumerate(rows):
        _note_row(sums, row)
        for rule in rules:
            if number not in summed or used.intersection(rule.parts) <= set(row):
                _row_equation(sums, row, rule, number)
    for of_claim, total in zip(by_claim, printed, strict=True):
        for role, cell in total.items():
            _column(sums, f"claim {role}", of_claim, role, cell)
    whole = _printed(sums, totals)
    lines = [row for of_claim in by_claim for row in of_claim]
    for role, cell in whole.items():
        _column(sums, f"page {role}", lines, role, cell)
    _payment(sums, by_claim, printed, taken, paid)
    _price_columns(sums)


def _note_row(sums: Sums, row: Mapping[str, Sequence[int]]) -> None:
    """Tell the cells of a row their roles, and whether a sum of the row is expected."""
    for role, cells in row.items():
        for cell in cells:
            sums.cells[cell].role = sums.cells[cell].role or role
            sums.cells[cell].lone = sums.cells[cell].lone or len(row) >= _FEWEST_ROLES


def _row(sums: Sums, line: ServiceLine) -> dict[str, list[int]]:
    """The cells of a service line by role, its reasons by whom they leave the amount to."""
    row = {
        role: [sums.add(cell, _into(line.cells, role))]
        for role, cell in line.cells.items()
        if role in MONEY
    }
    printed = {_print(sums.cells[cell].read): cell for (cell,) in row.values()}
    for place, reason in enumerate(line.reasons):
        role = role_of_reason(reason.group, "" if reason.unknown else reason.code)
        into, same = _into_reason(line.reasons, place), printed.get(_print(reason.amount))
        if same is None or reason.amount.box is None:
            row.setdefault(role, []).append(sums.add(reason.amount, into))
        else:  # a code tells the reason of a column's amount: what proves one proves both
            sums.cells[same].put = _both(sums.cells[same].put, into)
            row.setdefault(role, []).append(same)
    return row


def _print(cell: Field) -> tuple[object, ...]:
    """What and where an amount is printed."""
    return cell.page, cell.box, cell.value


def _both(first: Callable[[Field], None], then: Callable[[Field], None]) -> Callable[[Field], None]:
    def put(value: Field) -> None:
        first(value)
        then(value)

    return put


def _blanks(
    sums: Sums,
    lines: Sequence[ServiceLine],
    rows: Sequence[dict[str, list[int]]],
    rules: Sequence[Rule],
) -> None:
    """A cell for each amount that a line lacks and most others have; blank says nothing or zero."""
    for role in _FILLED:
        if 2 * sum(role in row for row in rows) < len(rows):
            continue
        for line, row in zip(lines, rows, strict=True):
            if role in row or "charged_cents" not in row:
                continue
            values = _values(sums, row)
            asked = [value for rule in rules if (value := _asked(rule, role, values)) is not None]
            value = asked[0] if asked and asked[0] * values["charged_cents"] > 0 else 0
            read = Field(value, UNPROVED, line.page, None, SOURCE)
            row[role] = [sums.add(read, _into(line.cells, role))]
            sums.cells[-1].missing = True


def _asked(rule: Rule, role: str, values: Mapping[str, int]) -> int | None:
    """What a rule asks of a cell that is missing, None where the rule does not have it."""
    if rule.whole == role:
        return sum(values.get(part, 0) for part in rule.parts)
    if role not in rule.parts or rule.whole not in values:
        return None
    return values[rule.whole] - sum(values.get(part, 0) for part in rule.parts)


def _printed(sums: Sums, totals: dict[str, Field]) -> dict[str, int]:
    """Cells of printed totals by role, each of them doubtful where no sum has it."""
    found = {
        role: sums.add(cell, _into(totals, role)) for role, cell in totals.items() if role in MONEY
    }
    for cell in found.values():
        sums.cells[cell].lone = True
    return found


def _into(cells: dict[str, Field], role: str) -> Callable[[Field], None]:
    def put(value: Field) -> None:
        cells[role] = value

    return put


def _into_reason(reasons: list[Reason], place: int) -> Callable[[Field], None]:
    def put(value: Field) -> None:
        reasons[place] = replace(reasons[place], amount=value)

    return put


def _values(sums: Sums, row: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {
        role: sum(int(sums.cells[cell].read.value) for cell in cells) for role, cells in row.items()
    }


def _row_equation(sums: Sums, row: Mapping[str, Sequence[int]], rule: Rule, number: int) -> None:
    """Note the rule for one row that has the whole, what is paid and nothing it leaves untold."""
    if any(sums.cells[cell].read.value for role in rule.untold for cell in row.get(role, ())):
        return
    parts = [cell for part in rule.parts for cell in row.get(part, ())]
    if rule.whole not in row or ("paid_cents" in rule.parts and "paid_cents" not in row):
        return
    terms = [(cell, 1) for cell in row[rule.whole]] + [(cell, -1) for cell in parts]
    sure = rule.share >= _SHARE_OF_SURE and rule.rows > 1
    sums.equate(
        f"row {rule.whole} {rule.parts}", terms, _SURE_PRICE if sure else _DOUBTFUL_PRICE, number
    )


def _column(
    sums: Sums, kind: str, rows: Sequence[Mapping[str, Sequence[int]]], role: str, total: int
) -> None:
    """The column's cells come to the printed total, when every row has the column."""
    cells = [cell for row in rows for cell in row.get(role, ())]
    if cells and all(role in row for row in rows):
        sums.equate(kind, [*((cell, 1) for cell in cells), (total, -1)], _DOUBTFUL_PRICE)


def _payment(
    sums: Sums,
    by_claim: Sequence[Sequence[Mapping[str, Sequence[int]]]],
    printed: Sequence[Mapping[str, int]],
    taken: Sequence[Taken],
    paid: list[Field | None],
) -> None:
    """All claims' payments less what was kept back are the payment."""
    payment = paid[0]
    if payment is None:
        return
    terms: list[tuple[int, int]] = []
    for of_claim, total in zip(by_claim, printed, strict=True):
        if of_claim and all("paid_cents" in row for row in of_claim):
            terms += [(cell, 1) for row in of_claim for cell in row["paid_cents"]]
        elif not of_claim and "paid_cents" in total:
            terms.append((total["paid_cents"], 1))
        else:
            return
    terms += [(sums.add(one.amount, _into_taken(one), -1), -1) for one in taken]
    terms.append((sums.add(payment, _into_list(paid)), -1))
    sums.equate("payment", terms, _SURE_PRICE)


def _into_taken(one: Taken) -> Callable[[Field], None]:
    def put(value: Field) -> None:
        one.amount = value

    return put


def _into_list(paid: list[Field | None]) -> Callable[[Field], None]:
    def put(value: Field) -> None:
        paid[0] = value

    return put


def _price_columns(sums: Sums) -> None:
    """A kind of total that holds elsewhere in the document is believed where it does not."""
    values = [int(cell.read.value) for cell in sums.cells]
    good: dict[str, list[bool]] = {}
    for equation, kind in zip(sums.equations, sums.kinds, strict=True):
        good.setdefault(kind.split(" ")[0], []).append(holds(equation, values))
    for number, kind in enumerate(sums.kinds):
        seen = good[kind.split(" ")[0]]
        if kind.startswith(("claim", "page")) and sum(seen) >= 0.5 * len(seen) and sum(seen) > 0:
            sums.equations[number] = replace(sums.equations[number], price=_SURE_PRICE)
