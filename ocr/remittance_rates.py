"""What a patient owes by a rate of what is allowed: proved by the rate that the row prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocr.remittance_cells import Reason, ServiceLine
from ocr.remittance_rows import Row
from ocr.types import Field

_RATE = re.compile(r"(\d{1,3})(?:\.0{1,2})?%")
_STEP = 5  # percent: the rates of contracts are multiples of it
_LEAST_BASE = 2000  # cents: of less, some multiple comes out to the cent by chance
_LEAST_CODED = 1000  # the same of an amount that a code was read for
_DOLLAR = 100
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


def borne_by_rate(line: ServiceLine) -> list[Reason]:
    """The patient's reasons of a line that a rate bears out: coinsurance, and what goes with it.

    Coinsurance comes to a rate of what is left after the deductible, from which a copayment was
    not taken before. An amount of whole dollars may come to one by chance.
    """
    of_patient = [one for one in line.reasons if one.group == "PR" and not one.unknown]
    shared = [one for one in of_patient if one.code == "2"]
    if len(shared) != 1 or not shared[0].cents:
        return []
    printed, rest = line.value("rate"), abs(shared[0].cents)
    if printed is None and rest % _DOLLAR == 0:
        return []
    base = rest + abs(line.money.get("paid_cents", 0))
    others = {code: [one for one in of_patient if one.code == code] for code in ("1", "3")}
    with_copay, with_deductible = (
        base + sum(abs(one.cents) for one in others[code]) for code in ("3", "1")
    )
    alone = _at_a_rate(rest, base, printed)
    if not alone and with_copay != base and _at_a_rate(rest, with_copay, printed):
        return [*shared, *others["3"]]
    if not alone:
        return []
    before = with_deductible != base and not _at_a_rate(rest, with_deductible, printed)
    return [*shared, *(others["1"] if before else [])]


def _at_a_rate(rest: int, base: int, printed: int | None) -> bool:
    """Whether a part is what the patient owes of a base, both in cents, by some rate."""
    return any(
        abs(base * left - 100 * rest) <= _ROUNDED for left in _left(printed, base, _LEAST_CODED)
    )


def _left(printed: int | None, base: int, least: int = _LEAST_BASE) -> Iterator[int]:
    """The percent that a patient may owe of a base in cents."""
    if printed is not None:
        yield 100 - printed
    elif base >= least:
        yield from range(_STEP, 100, _STEP)


def _of_scan(line: ServiceLine) -> bool:
    cells: Sequence[Field] = [*line.cells.values(), *(r.amount for r in line.reasons)]
    return any(cell.source != "text_layer" for cell in cells)
