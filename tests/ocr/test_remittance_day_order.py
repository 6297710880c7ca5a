"""Days that a payer prints before the month, or after its payment, are asked about."""

import pytest

from ocr.remittance import read_remittance
from tests.ocr.laid_out import page_of
from tests.ocr.test_remittance import ROWS


def days(paid: str, first: str, second: str) -> tuple[bool, list[bool]]:
    """Whether the day of the payment is sure, and that of each service that has one."""
    text = "\n".join(ROWS).replace("01/05/2026", paid)
    text = text.replace("12/01/2025", first, 1).replace("12/01/2025", second, 1)
    fields, _ = read_remittance([page_of(text.split("\n"))])
    claims, day = fields["claims"], fields["payment_on"]
    assert claims is not None
    told = [line["evidence"].get("service_on") for line in claims.value[0]["lines"]]
    return day is not None and day.confidence >= 0.9, [
        cell["confidence"] >= 0.9 for cell in told if cell is not None
    ]


def test_days_that_begin_with_the_month_are_sure() -> None:
    assert days("01/05/2026", "12/21/2025", "12/01/2025") == (True, [True, True])


@pytest.mark.parametrize("one", ["21/12/2025", "21.12.2025", "21-12-25"])
def test_a_day_that_can_only_begin_with_the_day_makes_the_others_doubtful(one: str) -> None:
    assert days("05/01/2026", one, "05/12/2025") == (False, [False])


def test_a_day_that_is_the_same_either_way_is_not_doubted() -> None:
    assert days("01/01/2026", "21/12/2025", "11/11/2025") == (True, [True])


def test_as_many_days_the_other_way_round_are_a_slip_of_print() -> None:
    assert days("01/15/2026", "21/12/2025", "12/01/2025") == (True, [True])


def test_a_service_after_its_payment_is_doubtful() -> None:
    assert days("01/05/2026", "12/01/2026", "12/01/2025") == (True, [False, True])


@pytest.mark.parametrize(
    ("lone", "sure"), [("             11/04/2025", False), ("11/04/2025             ", True)]
)
def test_a_scans_lone_day_where_others_have_their_last_has_lost_its_first(
    lone: str, *, sure: bool
) -> None:
    head = "From         To          Code     Charge   Allowed   Discount     Paid"
    rest = "  99213   100.00    80.00      20.00    80.00"
    days = ("11/01/2025 - 11/01/2025", "11/02/2025 - 11/03/2025", lone)
    rows = [day + rest for day in days]
    page = page_of(["Ann Lee", head, *rows, "Total Payment 240.00"], source="tesseract")
    claims = read_remittance([page])[0]["claims"]
    assert claims is not None
    last = claims.value[0]["lines"][-1]
    assert last["service_on"] == "2025-11-04"
    assert (last["evidence"]["service_on"]["confidence"] >= 0.9) is sure
