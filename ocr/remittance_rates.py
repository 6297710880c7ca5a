"""What a patient owes by a rate of what is allowed: proved by the rate that the row prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocr.remittance_cells import ServiceLine
from ocr.remittance_rows import Row
from ocr.types import Field

_RATE = re.compile(r"(\d{1,3})(?:\.0{1,2})?%")
_STEP = 5  # percent: the rates of contracts are multiples of it
_LEAST_BASE = 2000  # cents: of less, some multiple comes out to the cent by chance
_ROUNDED = 100  # hundredths of a cent that rounding leaves: a payer rounds either part


def rate_of(row: Row) -> Field | None:
    """The rate in percent that a service's row prints, where it prints just one."""
    found = [(token, match) for token in row.tokens if (match := _RATE.fullmatch(token.text))]
    if len(found) != 1 or int(found[0][1][1]) > 100:
        return None
    return row.field(int(found[0][1][1]), [found[0][0]])


def told_by_rate(line: ServiceLine, told: int, copay: int = 0) -> bool:
    """Whether what of a scanned line's share is not ``told`` is the patient's part by a rate.

    ``told`` are the cents of the share that columns and reasons tell, ``copay`` those of them that
    come off after the rate. Where no rate is printed, any multiple of five percent will do that
    comes out to the cent: a deductible that was not read would spoil it.
    """
    share, paid = line.money.get("patient_responsibility_cents"), line.money.get("paid_cents")
    if share is None or paid is None or not _of_scan(line):
        return False
    rest, paid = abs(share) - abs(told), abs(paid)
    if rest <= 0 or _may_be_told(line, rest):
        return False
    printed = line.value("rate")
    return any(
        abs(base * left - 100 * rest) <= _ROUNDED
        for base in {rest + paid, rest + paid + abs(copay)}
        for left in _left(printed, base)
    )


def _may_be_told(line: ServiceLine, rest: int) -> bool:
    """Whether a column that nobody knows may hold the rest, or a part of it."""
    unknown = (cell for role, cell in line.cells.items() if role.startswith("?"))
    return any(0 < abs(int(cell.value)) <= rest for cell in unknown)


def _left(printed: int | None, base: int) -> Iterator[int]:
    """The percent that a patient may owe of a base in cents."""
    if printed is not None:
        yield 100 - printed
    elif base >= _LEAST_BASE:
        yield from range(_STEP, 100, _STEP)


def _of_scan(line: ServiceLine) -> bool:
    cells: Sequence[Field] = [*line.cells.values(), *(r.amount for r in line.reasons)]
    return any(cell.source != "text_layer" for cell in cells)
