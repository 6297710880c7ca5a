"""What a remittance of a design never seen prints elsewhere, or otherwise, than most payers do."""

from collections.abc import Mapping
from typing import Any

import pytest

from ocr.remittance import read_remittance
from ocr.remittance_days import date_in
from ocr.remittance_pages import continues
from ocr.remittance_rows import cents_in
from ocr.types import Field
from tests.ocr.laid_out import page_of

TOP = [
    "MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE",
    "Payable To:    Elm Street Clinic",
    "Group NPI:     1548273642",
    "",
    "Insured: JANE DOE        Cert #: M12345678      Your Account No.: 4471-2",
]
END = [
    "",
    "Payment Ref:        7741209",
    "Payment Method:     EFT",
    "Payment Issue Date: 03JAN2026",
    "Net Paid to Provider . . . . . .   $ 185.00",
]


def _read(rows: list[str]) -> tuple[Mapping[str, Field | None], list[dict[str, Any]]]:
    fields, _ = read_remittance([page_of(rows)])
    claims = fields["claims"]
    return fields, [] if claims is None else claims.value


def _values(fields: Mapping[str, Field | None], *names: str) -> list[Any]:
    return [None if (field := fields[name]) is None else field.value for name in names]


def test_days_over_services_reasons_beneath_and_the_payment_below() -> None:
    fields, claims = _read([
        *TOP,
        "Code       Your Charge    Allowed     Patient Owes     Benefit",
        " Date of Service: Monday, December 1, 2025",
        "99213         150.00       100.00         15.00         85.00",
        "    Reason CO-45: 50.00. Charge exceeds fee schedule",
        "    Reason PR-2: 15.00. Coinsurance amount",
        " Date of Service: Tuesday, December 2, 2025",
        "80053         100.00       100.00          0.00        100.00",
        *END,
    ])  # fmt: skip
    (claim,) = claims
    assert [line["service_on"] for line in claim["lines"]] == ["2025-12-01", "2025-12-02"]
    reasons = [(each["group"], each["code"], each["amount_cents"])
               for each in claim["lines"][0]["adjustments"]]  # fmt: skip
    assert reasons == [("CO", "45", 5000), ("PR", "2", 1500)]
    assert (claim["patient_name"], claim["member_id"]) == ("JANE DOE", "M12345678")
    assert claim["patient_account"] == "4471-2"
    assert _values(fields, "payment_number", "payment_method", "payment_on") == [
        "7741209", "ACH", "2026-01-03",
    ]  # fmt: skip
    assert _values(fields, "total_paid_cents", "payee_name") == [18500, "Elm Street Clinic"]
    assert _values(fields, "balanced") == [True]


def test_a_row_that_may_be_a_reason_and_is_not_understood_keeps_a_line_from_being_sure() -> None:
    fields, _ = _read([
        *TOP,
        "DOS         Code       Your Charge    Allowed     Patient Owes     Benefit",
        "12/01/2025  99213         150.00       100.00         15.00         85.00",
        "    47 something else 7.50 of 12/09",
        "12/02/2025  80053         100.00       100.00          0.00        100.00",
        *END,
    ])  # fmt: skip
    claims = fields["claims"]
    assert claims is not None
    assert claims.confidence < 0.9


def test_what_became_of_a_claim_is_no_part_of_its_patients_name() -> None:
    rows = [row.replace("DOE ", "DOE - VOIDED") for row in TOP]
    heads = "DOS         Code       Your Charge    Allowed     Patient Owes     Benefit"
    line = "12/01/2025  99213         185.00       185.00          0.00        185.00"
    _, claims = _read([*rows, heads, line, *END])
    assert [claim["patient_name"] for claim in claims] == ["JANE DOE"]


def test_a_deductible_without_the_coinsurance_beside_it_is_part_of_what_the_patient_owes() -> None:
    heads = "DOS         Code       Your Charge    Discount   Deductible   Patient Owes     Benefit"
    line = "12/01/2025  99213         185.00         35.00        25.00          50.00      100.00"
    less = "12/02/2025  80053         100.00          0.00         0.00          15.00       85.00"
    fields, claims = _read([*TOP, heads, line, less, *END])
    assert _values(fields, "balanced") == [True]
    assert [[a["code"] for a in each["adjustments"]] for each in claims[0]["lines"]] == [
        ["45", "1"], []
    ]  # fmt: skip
    more = line.replace("25.00 ", "75.00 ")
    fields, _ = _read([*TOP, heads, more, less, *END])
    assert _values(fields, "balanced") == [False]


def test_blank_is_zero_only_where_no_zero_is_printed_and_the_line_adds_up() -> None:
    heads = "DOS         Code       Your Charge    Not Covered   Patient Owes     Benefit"
    denied = "12/01/2025  99213         150.00        150.00        150.00"
    paid = "12/02/2025  80053         185.00                                      185.00"
    _, claims = _read([*TOP, heads, denied, paid, *END])
    assert [line["paid_cents"] for line in claims[0]["lines"]] == [0, 18500]
    zero = "12/02/2025  36415          20.00         20.00         20.00           0.00"
    _, claims = _read([*TOP, heads, denied, zero, paid, *END])
    assert claims[0]["lines"][0]["paid_cents"] is None


@pytest.mark.parametrize(
    ("printed", "day"),
    [("03JAN2026", "2026-01-03"), ("Jan 3 26", "2026-01-03"), ("2026/01/03", "2026-01-03"),
     ("Saturday, January 3, 2026", "2026-01-03"), ("03XYZ2026", None), ("Jan 43 26", None)],
)  # fmt: skip
def test_days_as_few_payers_write_them(printed: str, day: str | None) -> None:
    assert date_in(printed) == day


@pytest.mark.parametrize(
    ("printed", "cents"),
    [("\N{EN DASH}12.00", -1200), ("$(12.00)", -1200), ("$**1,200.10", 120010), ("12.00.", 1200),
     ("12.00CR", -1200), ("12.0.0", None)],
)  # fmt: skip
def test_amounts_as_few_payers_write_them(printed: str, cents: int | None) -> None:
    assert cents_in(printed) == cents


def test_two_labels_side_by_side_are_not_one() -> None:
    fields, _ = _read(["MIDLAND HEALTH PLAN",
                       "PAYEE                    NPI            CHECK NUMBER",
                       "Elm Street Clinic        1548273642     55120077"])  # fmt: skip
    assert _values(fields, "payee_npi", "payment_number") == ["1548273642", "55120077"]


def test_a_page_that_says_it_is_the_first_begins_another_remittance() -> None:
    first = page_of(["MIDLAND HEALTH PLAN        Page 1", *TOP[1:]])
    assert not continues(page_of(["MIDLAND HEALTH PLAN        Page 1", *TOP[1:]]), first)
    assert continues(page_of(["MIDLAND HEALTH PLAN        Page 2", *TOP[1:]]), first)
