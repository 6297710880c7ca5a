"""Lists of charge and payment alone, some with codes of errors: what is sure of them on a scan."""

from typing import Any

import pytest

from intake.types import Box
from ocr.remittance import read_remittance
from ocr.remittance_body import Body
from ocr.remittance_unsaid_scans import read_alike
from ocr.types import Alternative, Field
from tests.ocr.laid_out import page_of
from tests.ocr.test_remittance_scan_sureness import claim, service

ROWS = [
    "STATE OF MAINE MEDICAL ASSISTANCE            REMITTANCE STATEMENT",
    "",
    "CLIENT NAME     TCN            SERVICE     PROC.     CHARGED       PAID     STATUS     ERRORS",
    "ROE JOHN        26241500887    12/01/25    99213      150.00      85.00     PAID",
    "ROE JOHN        26241500887    12/01/25    80053      100.00     100.00     PAID",
    "POE MARY        26241500888    12/02/25    85025       35.76       0.00     DENY       00700",
    "",
    "CHECK NO: 7741209",
]


def _lines(total: str, source: str = "text_layer") -> list[dict[str, Any]]:
    page = page_of([*ROWS, f"REMITTANCE TOTAL  ${total}"], source=source)
    fields, _ = read_remittance([page])
    claims = (fields["claims"] or pytest.fail("no claims")).value
    return [line for claim in claims for line in claim["lines"]]


def _sure(line: dict[str, Any]) -> bool:
    told = line["evidence"]
    return all(told[name]["confidence"] >= 0.9 for name in ("charged_cents", "paid_cents"))


def test_codes_without_amounts_leave_charge_and_payment_sure() -> None:
    lines = _lines("185.00")
    assert [line["charged_cents"] for line in lines] == [150_00, 100_00, 35_76]
    assert [line["paid_cents"] for line in lines] == [85_00, 100_00, 0]
    assert all(map(_sure, lines))


def test_they_are_asked_where_the_payment_is_another() -> None:
    assert not any(map(_sure, _lines("186.00")))


def test_they_are_asked_on_a_scan_that_no_other_reader_saw() -> None:
    assert not any(map(_sure, _lines("185.00", "tesseract")))


class Alike:
    """Readers that have each amount of page 0 as it was read, all but ``other``."""

    def __init__(self, other: int = 0) -> None:
        self.other = other

    def candidates(self, page: int, box: Box) -> tuple[Alternative, ...]:
        """The amount is told by its place here."""
        cents = box[0] if box[2] else -box[0]
        if page:
            return ()
        if cents != self.other:
            return (Alternative(cents, 0.99),)
        return (Alternative(cents, 0.6), Alternative(cents + 1, 0.4))


def _read(rows: list[tuple[int, int]], other: int = 0) -> list[tuple[float, float]]:
    lines = [service(charged, paid) for charged, paid in rows]
    for line in lines:
        for role in ("charged_cents", "paid_cents"):
            cents = line.money[role]
            line.cells[role] = Field(cents, 0.8, 0, (abs(cents), 0, cents >= 0, 1), "tesseract")
    body = Body(claims=[claim(*lines)])
    read_alike(body, Alike(other))
    return [
        (line.cells["charged_cents"].confidence, line.cells["paid_cents"].confidence)
        for line in lines
    ]


def test_amounts_that_all_readers_have_alike_are_sure() -> None:
    assert all(min(pair) >= 0.9 for pair in _read([(15000, 8500), (3576, 0)]))


@pytest.mark.parametrize(
    ("rows", "charge_sure"), [([(15000, 8500)], False), ([(15000, 15000)], True)]
)
def test_a_charge_that_one_reader_has_otherwise_is_asked_unless_it_was_paid(
    rows: list[tuple[int, int]], *, charge_sure: bool
) -> None:
    ((charged, paid),) = _read(rows, 15000)
    assert (charged >= 0.9) is charge_sure
    assert paid >= 0.9


def test_a_charge_without_its_minus_in_a_claim_taken_back_is_asked_where_nothing_was_paid() -> None:
    (_, lost), (_, told) = _read([(-15000, -8500), (3576, 0)]), _read([(-15000, -8500), (-3576, 0)])
    assert lost[0] < 0.9
    assert told[0] >= 0.9
