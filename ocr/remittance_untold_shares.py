"""What a patient owes on a scan beside the parts that are told: nothing printed tells the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from intake.types import Box, Pixels
from ocr.claim_codes import from_print
from ocr.crossfoot_rules import PATIENT_REASONS, role_of_reason
from ocr.crossfoot_sums import SOURCE as CROSS_FOOT
from ocr.remittance_blank_days import is_blank
from ocr.remittance_cells import ServiceLine
from ocr.remittance_grid import Column, Grid
from ocr.remittance_sums import adjustments, owed_by_rate, owed_untold
from ocr.remittance_unsaid_scans import ALIKE, as_read

if TYPE_CHECKING:
    from ocr.crossfoot_claims import Readings
    from ocr.remittance_body import Body
    from ocr.remittance_lines import Printed

_PARTS = frozenset({"deductible", "coinsurance", "copay", "shared_cost"})
_TELL = _PARTS | {"reasons", "group"}
_SURE = 0.95  # of a part that three readers have alike
_AFTER_DEDUCTIBLE = frozenset({"coinsurance", "copay", "shared_cost"})


def blank_parts(printed: Printed, grid: Grid, shift: float) -> tuple[Box, ...] | None:
    """Where a row would tell a part of a share or a reason, and nothing was read.

    None for records of several lines, whose parts may stand in another one.
    """
    if len(grid.by_level) != 1 or not printed.row.tokens:
        return None
    filled = {grid.columns[at].role for at in printed.money}
    filled |= {"reasons", "group"} if printed.reasons or printed.codes else set()
    return tuple(
        _place(column, printed, shift)
        for column in grid.columns
        if column.role in _TELL and column.role not in filled
    )


def _place(column: Column, printed: Printed, shift: float) -> Box:
    """The place of a column in a row, in pixels of the page, beside the row's nearest word."""
    left = column.left if column.low is None else min(column.left, column.low)
    right = column.right if column.high is None else max(column.right, column.high)
    middle = (left + right) / 2 + shift
    near = min(printed.row.tokens, key=lambda token: abs(token.middle - middle))
    moved = near.box[0] - near.left + shift
    return round(left + moved), near.box[1], round(right - left), near.box[3]


def find_untold(body: Body, pixels: Mapping[int, Pixels]) -> None:
    """Mark the lines of a scan of whose share nothing printed tells a part, in place.

    Many payers print what a patient owes and of its parts no more than the deductible. On a scan a
    part may have been lost, so nothing but paper may stand where the row would tell it, and no
    line of the payment may tell such a part by a reason or in a column.
    """
    if _reasons_tell_parts(body):
        for line in body.lines:
            line.told_elsewhere = True
    if body.not_understood or _tells_parts(body):
        return
    for line in body.lines:
        page = pixels.get(line.page)
        if page is None or line.blanks is None or line.codes or line.unread:
            continue
        unknown = any(role.startswith("?") for role in line.cells)
        line.untold = not unknown and all(is_blank(page, place) for place in line.blanks)


def _tells_parts(body: Body) -> bool:
    """Whether a reason, a legend or a column tells the patient's part of what is allowed."""
    codes = (from_print(code, body.legend) for code in body.legend)
    found = [(code.group, code.code) for code in codes if code is not None and not code.unknown]
    found += [one for line in body.lines for one in _patients(line)]
    return any(role_of_reason(group, code) == PATIENT_REASONS for group, code in found) or any(
        line.money.get(role) for line in body.lines for role in _AFTER_DEDUCTIBLE
    )


def _reasons_tell_parts(body: Body) -> bool:
    """Whether a code tells the patient's part of what is allowed, on whatever line."""
    return any(
        role_of_reason(one.group, "" if one.unknown else one.code) == PATIENT_REASONS
        for line in body.lines
        for one in line.reasons
    )


def _patients(line: ServiceLine) -> Iterator[tuple[str | None, str]]:
    """The reasons of a line that codes tell, but for the deductible in a column of its own."""
    columns = {line.money.get("deductible")}
    for each in adjustments(line):
        if each["code"] != "1" or each["amount_cents"] not in columns:
            yield each["group"], "" if each.get("unknown") else each["code"]


def confirm_parts(body: Body, reader: Readings) -> None:
    """Make a part that no sum has, as nothing tells the others, as sure as its print, in place."""
    for line in body.lines:
        if owed_untold(line) and not owed_by_rate(line):
            line.cells |= {
                role: as_read(cell, reader, ALIKE, _SURE)
                for role, cell in line.cells.items()
                if role in _PARTS and cell.value and cell.source != CROSS_FOOT
            }
