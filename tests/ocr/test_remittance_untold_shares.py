"""Shares of which a payer prints no more than the deductible: when nothing else was printed."""

import numpy as np
import pytest

from intake.types import Box, Pixels
from ocr.remittance_body import Body
from ocr.remittance_sums import adds_up, adjustments
from ocr.remittance_table import read_body
from ocr.remittance_untold_shares import confirm_parts, find_untold
from ocr.types import Alternative
from tests.ocr.laid_out import page_of

TOP = ["MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE", ""]
WHOSE = "Patient: JANE DOE   Member ID: M12345678"
HEADS = "DOS         Code       Billed   Not Allowed   Allowed   Deductible  Patient's Share   Paid"
ROWS = [
    "12/01/2025  99213      150.00         50.00    100.00        15.00           17.30   82.70",
    "12/02/2025  80053      119.00         64.26     54.74                        10.00   44.74",
]


def _body(*rows: str, ink: bool = False) -> Body:
    """What a scan lists, with ``ink`` where the deductible of its last row would stand."""
    lines = [*TOP, WHOSE, HEADS, *rows]
    body = read_body([page_of(lines, source="tesseract")])
    page: Pixels = np.full((1200, 1600), 250, np.uint8)
    if ink:
        left = 100 + 12 * (HEADS.index("Deductible") + 4)
        top = 100 + 40 * (len(lines) - 1)
        page[top + 4 : top + 18, left : left + 40] = 30
    find_untold(body, {0: page})
    return body


def test_a_part_that_no_column_tells_is_none_of_the_reasons() -> None:
    body = _body(*ROWS)
    assert [line.untold for line in body.lines] == [True, True]
    assert all(map(adds_up, body.lines))
    assert [each["code"] for each in adjustments(body.lines[0]) if each["group"] == "PR"] == ["1"]
    assert not [each for each in adjustments(body.lines[1]) if each["group"] == "PR"]


def test_ink_where_the_deductible_would_stand_may_be_one_that_was_not_read() -> None:
    assert [line.untold for line in _body(*ROWS, ink=True).lines] == [True, False]


@pytest.mark.parametrize("told", ["PR-3 10.00", "PR-2 10.00"])
def test_a_payer_that_tells_such_a_part_by_a_reason_tells_it_always(told: str) -> None:
    body = _body(*ROWS, f"            {told}")
    assert not any(line.untold for line in body.lines)


def test_without_the_picture_nobody_knows() -> None:
    body = read_body([page_of([*TOP, WHOSE, HEADS, *ROWS], source="tesseract")])
    find_untold(body, {})
    assert not any(line.untold for line in body.lines)


class Readers:
    """Readers that have an amount of page 0 alike, but for one of them that ``differs``."""

    def __init__(self, cents: int, *, differs: bool) -> None:
        self.cents, self.differs = cents, differs

    def candidates(self, page: int, box: Box) -> tuple[Alternative, ...]:
        """What they make of any place of the page."""
        if page or not box:
            return ()
        other = Alternative(self.cents + 500, 0.2)
        first = Alternative(self.cents, 0.8 if self.differs else 0.99)
        return (first, other) if self.differs else (first,)


@pytest.mark.parametrize("differs", [False, True])
def test_a_deductible_that_no_sum_has_is_as_sure_as_its_print(*, differs: bool) -> None:
    body = _body(*ROWS)
    confirm_parts(body, Readers(15_00, differs=differs))
    assert (body.lines[0].cells["deductible"].confidence >= 0.9) is not differs
