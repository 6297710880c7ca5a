"""Two columns of a scan under one name, of which one was misread: the rows' sums tell which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_cells import MONEY, ServiceLine
from ocr.remittance_grid import Grid
from ocr.remittance_sums import adds_up

_MOST, _FEW = 0.75, 0.25  # of the rows add up by the right column, by the other one


def tell_named_twice(grid: Grid, lines: Sequence[ServiceLine]) -> bool:
    """Take the name from the first of two columns that have it where only the second proves it.

    ``Not Payable`` beside ``Amount Paid`` reads as ``Net Payable`` on dark print. In place; True
    where a column lost its name.
    """
    scanned = any(cell.source != "text_layer" for line in lines for cell in line.cells.values())
    told = False
    for role in MONEY if scanned else ():
        places = [at for at, column in enumerate(grid.columns) if column.role == role]
        own = [line for line in lines if len(places) == 2 and f"?{places[1]}" in line.cells]
        if not own or 2 * len(own) < len(lines):
            continue
        named = sum(map(adds_up, own))
        other = sum(adds_up(_by_second(line, role, places[1])) for line in own)
        if other >= _MOST * len(own) and named <= _FEW * len(own):
            grid.name(places[0], None)
            told = True
    return told


def _by_second(line: ServiceLine, role: str, second: int) -> ServiceLine:
    """The line with the amount of the second column in the role."""
    cells = {name: cell for name, cell in line.cells.items() if name != f"?{second}"}
    return replace(line, cells={**cells, role: line.cells[f"?{second}"]})
