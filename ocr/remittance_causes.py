"""Services of which an amount stays without a cause: what was taken off or is owed, but not why."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ocr.remittance_cells import ServiceLine
from ocr.remittance_grid import Grid
from ocr.remittance_sums import adjustments

_CONFUSED = 0.3  # at most, in a line whose cause was not read
_REASON_ALONE = re.compile(r"^(?:(?:CO|PR|OA|PI|CR)-?)?\d{1,3}$")


def doubt_without_cause(
    lines: Sequence[ServiceLine], grids: Mapping[int, Grid], unread: Callable[[ServiceLine], bool]
) -> None:
    """Take the sureness from services of which an amount stays without its code, in place.

    In print a column of codes may be blank; in a scan its single letter was likely lost, where
    some print of the line was not read (``unread``). ``grids`` are the lines' by identity.
    """
    parted = any(map(_parts_told, lines))
    for line in lines:
        if _without_cause(line, grids[id(line)], lost=unread(line), parted=parted):
            line.sure = min(line.sure, _CONFUSED)


def _parts_told(line: ServiceLine) -> bool:
    """Whether reasons tell the parts of a share that one column holds together."""
    patients = any(reason.group == "PR" for reason in line.reasons)
    return bool(line.money.get("shared_cost", 0)) and patients


def _without_cause(line: ServiceLine, grid: Grid, *, lost: bool, parted: bool) -> bool:
    """Whether an amount stayed without a code.

    ``lost`` says that some print of the line was not read, ``parted`` that reasons tell the parts
    of a share of one column.
    """
    denied = line.money.get("not_covered") and "not_covered" not in line.explained
    if denied and lost and not line.reasons and any(c.role == "reasons" for c in grid.columns):
        return True
    off = line.money.get("adjusted", 0)
    if off and "adjusted" not in line.explained and not line.reasons:
        return True
    charged, allowed = line.money.get("charged_cents"), line.money.get("allowed_cents")
    coded = any(re.match(r"C[O0]-?\d", str(remark.value)) for remark in line.remarks)
    if coded and not line.reasons and charged != allowed:
        return True
    if any(_REASON_ALONE.match(str(remark.value)) for remark in line.remarks):
        paid, said = line.money.get("paid_cents"), sum(a["amount_cents"] for a in adjustments(line))
        if charged is None or paid is None or charged - paid != said:
            return True  # a reason whose amount was not read
    if (parted or lost) and line.money.get("shared_cost", 0) and not _parts_told(line):
        return True
    return any(
        bool(cell.value) and grid.columns[int(role[1:])].role in {"reasons", "adjusted"}
        for role, cell in line.cells.items()
        if role.startswith("?")
    )
