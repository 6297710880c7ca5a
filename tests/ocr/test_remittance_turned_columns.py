"""Payments and shares of a scan whose columns may be turned round are not sure."""

from __future__ import annotations

import pytest

from ocr.remittance_cells import PaperClaim, Reason, ServiceLine
from ocr.remittance_turned_columns import doubt_turned
from ocr.types import Field


def cents(value: int) -> Field:
    return Field(value, 0.97, 0, None, "tesseract")


def claim(*lines: tuple[int, int, int]) -> PaperClaim:
    """Each line by its payment, the patient's share and what reasons of the patient come to."""
    made = []
    for paid, share, told in lines:
        line = ServiceLine({"charged_cents": cents(paid + share), "paid_cents": cents(paid),
                            "patient_responsibility_cents": cents(share)})  # fmt: skip
        line.reasons = [Reason("PR", "1", cents(told))] if told else []
        made.append(line)
    totals = {"paid_cents": cents(sum(paid for paid, _, _ in lines))}
    return PaperClaim(where="", known={}, lines=made, totals=totals)


@pytest.mark.parametrize(
    ("lines", "total", "sure"),
    [
        (((0, 45_44, 0), (12_50, 25_93, 0)), 71_37, False),  # the shares come to the payment
        (((0, 45_44, 0), (12_50, 25_93, 0)), 12_50, True),
        (((0, 45_44, 0), (12_50, 25_93, 0)), None, True),
        (((0, 45_44, 0), (12_50, 25_93, 12_50)), None, False),  # the reasons to one line's
        (((45_44, 0, 0), (25_93, 12_50, 12_50)), None, True),
        (((45_44, 45_44, 45_44),), None, True),
    ],
)
def test_payments_are_sure_unless_sums_or_reasons_turn_them_round(
    lines: tuple[tuple[int, int, int], ...], total: int | None, *, sure: bool
) -> None:
    one = claim(*lines)
    doubt_turned([one], total)
    cells = [line.cells[role] for line in one.lines
             for role in ("paid_cents", "patient_responsibility_cents")]  # fmt: skip
    assert {cell.confidence >= 0.9 for cell in (*cells, one.totals["paid_cents"])} == {sure}
    assert all(line.cells["charged_cents"].confidence == 0.97 for line in one.lines)
