"""Codes printed apart from their amount: whose columns they can tell of, and whose never."""

from typing import Any

from ocr.remittance import read_remittance
from tests.ocr.laid_out import page_of

HEAD = "Date        Code      Charge   Allowed    Discount     Co-Ins     Paid   Reason"
TOTAL = "Total Payment 160.00"


def _lines(*rows: str, head: str = HEAD, notes: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    text = page_of(["Ann Lee", head, *rows, TOTAL, *notes], source="tesseract")
    claims = read_remittance([text])[0]["claims"]
    assert claims is not None
    return [line for claim in claims.value for line in claim["lines"]]


def _told(line: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(one["group"], one["code"], one["amount_cents"]) for one in line["adjustments"]]


def _sure(line: dict[str, Any]) -> float:
    cells = line["evidence"]
    return min(float(cells[name]["confidence"]) for name in ("charged_cents", "paid_cents"))


GOOD = "09/01/2026  99213     100.00     80.00      20.00                 80.00   45"


def test_a_code_of_the_patient_tells_no_discount_and_its_line_is_asked() -> None:
    good, misread = _lines(
        GOOD, "09/02/2026  99213     100.00     80.00      20.00                 80.00   2"
    )
    assert ("PR", "2", 2000) not in _told(misread)
    assert _sure(misread) < 0.9 <= _sure(good)


def test_a_code_of_the_patient_tells_of_coinsurance_beside_a_discount() -> None:
    _, line = _lines(
        GOOD, "09/02/2026  99213     120.00    100.00      20.00      20.00      80.00   2"
    )
    assert ("PR", "2", 2000) in _told(line)
    assert ("CO", "45", 2000) in _told(line)


def test_an_obligation_of_the_provider_tells_no_coinsurance_and_its_line_is_asked() -> None:
    good, misread = _lines(
        GOOD, "09/02/2026  99213     100.00    100.00                 20.00      80.00   CO-45"
    )
    assert ("CO", "45", 2000) not in _told(misread)
    assert _sure(misread) < 0.9 <= _sure(good)


SECONDARY = (
    "Date        Code    Charge  Discount  Not Payable  Copay/Coins  Other Insurance  Paid   Note"
)
BOTH = "09/01/2026  99213   275.00   134.75      35.06        4.20          84.15       16.84  {}"


def test_a_payers_own_code_tells_of_its_cut_and_not_of_what_another_insurer_paid() -> None:
    (line,) = _lines(
        BOTH.format("226"), head=SECONDARY,
        notes=("226 A second procedure of one session is allowed at three quarters.",),
    )  # fmt: skip
    told = {(code, cents) for _, code, cents in _told(line)}
    assert told == {("45", 13475), ("226", 3506), ("23", 8415)}
    assert line["patient_responsibility_cents"] == 420


def test_the_code_of_another_insurers_payment_tells_of_that() -> None:
    (line,) = _lines(BOTH.format("OA-23"), head=SECONDARY)
    assert ("OA", "23", 8415) in _told(line)
    assert {(group, cents) for group, code, cents in _told(line) if code == "96"} == {("PR", 3506)}
    # What is not covered is owed beside the copayment, as nothing else leaves the payment.
    assert line["patient_responsibility_cents"] == 3926
