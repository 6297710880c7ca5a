"""What a patient owes in parts over each other, each with the mark that says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ocr.remittance_cells import ServiceLine
from ocr.remittance_grid import Grid
from ocr.remittance_lines import Printed, coded

_SHARES = frozenset({"patient_responsibility_cents", "shared_cost"})


def stacked_share(
    line: ServiceLine, printed: Printed, grid: Grid, legend: Mapping[str, str]
) -> bool:
    """Add a part that stands alone below the patient's share of a line, in place.

    Only where the share above it has its mark, too: ``25.00 D`` over ``2.37 S`` is a share of
    27.37. False where the row is anything else.
    """
    if len(printed.row.tokens) != 2 or len(printed.money) != 1 or len(printed.codes) != 1:
        return False
    ((column, token),) = printed.money.items()
    _, code, marked = printed.codes[0]
    role = grid.columns[column].role
    if marked != column or role not in _SHARES or role not in line.cells:
        return False
    above, first = line.cells[role], [each for each in line.codes if each[1] == column]
    if len(first) != 1 and role not in line.explained:
        return False
    for each in first:
        line.codes.remove(each)
        line.reasons.append(coded(each[0], above, legend))
    part = printed.row.field(token.cents, [token])
    line.reasons.append(coded(code, part, legend))
    line.explained.add(role)
    line.cells[role] = replace(above, value=int(above.value) + int(part.value))
    line.least = min(line.least, part.confidence)
    return True
