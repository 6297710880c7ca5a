"""Remittances that print keys and values and no table are read key by key."""

from typing import Any

import pytest

from ocr.remittance import looks_like_remittance, read_remittance
from tests.ocr.laid_out import page_of

TOP = [
    "MIDLAND HEALTH PLAN                     Remittance Image", "",
    "Payment Amount:   185.00        Check Number:   7741209       Check Date:   2026-01-15", "",
]  # fmt: skip
CLAIM = [
    "Patient Last:   Doe             Patient First:  Jane          Member ID:    M12345678",
    "Patient Control:  4471-2        Claim Number:   26267327466   Claim Status:  1 - Processed",
    "Claim Charge:   250.00          Claim Paid:     185.00",
]
FIRST = [
    "Procedure:   HC:99213:25        Service Date:   2025-12-01",
    "Line Charge:   150.00           Line Allowed:   100.00        Line Paid:   85.00",
    "Adjustment:   CO-45             Adj. Amount:    50.00",
    "Adjustment:   PR-2              Adj. Amount:    15.00",
]
SECOND = [
    "Procedure:   HC:80053           Service Date:   2025-12-02",
    "Line Charge:   100.00           Line Allowed:   100.00        Line Paid:   100.00",
    "Remarks:   N130",
]


def _read(rows: list[str]) -> dict[str, Any]:
    fields, _ = read_remittance([page_of(rows)])
    return {name: field for name, field in fields.items() if field is not None}


def _lines(claim: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (line["service_on"], line["procedure_code"], line["charged_cents"], line["paid_cents"],
         [(e["group"], e["code"], e["amount_cents"]) for e in line["adjustments"]])
        for line in claim["lines"]
    ]  # fmt: skip


WANTED = [
    ("2025-12-01", "99213", 150_00, 85_00, [("CO", "45", 50_00), ("PR", "2", 15_00)]),
    ("2025-12-02", "80053", 100_00, 100_00, []),
]


def test_keys_tell_claims_and_services() -> None:
    page = [*TOP, *CLAIM, "", "Service 1", *FIRST, "", "Service 2", *SECOND]
    fields = _read(page)
    (claim,) = fields["claims"].value
    assert claim["patient_name"] == "Jane Doe"
    assert (claim["member_id"], claim["patient_account"], claim["claim_number"]) == (
        "M12345678", "4471-2", "26267327466",
    )  # fmt: skip
    assert _lines(claim) == WANTED
    assert claim["lines"][0]["modifiers"] == ["25"]
    assert claim["lines"][1]["remarks"] == ["N130"]
    assert fields["balanced"].value
    assert fields["claims"].confidence >= 0.9
    assert looks_like_remittance(page_of(page)) > 0.9


def test_a_day_may_open_a_service_and_reasons_may_stand_with_their_amounts() -> None:
    fields = _read([
        *TOP,
        "Patient: Jane Doe         Claim No.: 26267327466",
        "Date of Service: 12/01/2025   CPT Code: 99213   Billed: 150.00   Paid: 85.00",
        "Reason: CO-45 50.00, PR-2 15.00",
        "Date of Service: 12/02/2025   CPT Code: 80053   Billed: 100.00   Paid: 100.00",
    ])  # fmt: skip
    (claim,) = fields["claims"].value
    assert _lines(claim) == WANTED
    assert fields["balanced"].value


def test_a_corrected_claim_after_its_reversal_is_one_of_its_own() -> None:
    back = [row.replace("100.00", "-100.00").replace("250.00", "-100.00") for row in SECOND]
    fields = _read([
        *TOP, "Claim 1 of 2", *CLAIM[:2], *back, "", "Claim 2 of 2", *CLAIM[:2], *SECOND,
    ])  # fmt: skip
    assert [claim["charged_cents"] for claim in fields["claims"].value] == [-100_00, 100_00]


@pytest.mark.parametrize("extra", ["Surcharge:   4.00", "4.00", "Line Charge:   4.00"])
def test_an_amount_that_no_known_key_explains_is_never_passed_over(extra: str) -> None:
    fields = _read([*TOP, *CLAIM, *FIRST, extra, *SECOND])
    assert fields["claims"].confidence < 0.9


@pytest.mark.parametrize("lost", [FIRST[2], FIRST[3], SECOND[1]])
def test_what_does_not_add_up_is_not_sure(lost: str) -> None:
    rows = [*TOP, *CLAIM, *FIRST, *SECOND]
    rows.remove(lost)
    (claim,) = _read(rows)["claims"].value
    sure = [line["evidence"]["paid_cents"]["confidence"] for line in claim["lines"]
            if "paid_cents" in line["evidence"]]  # fmt: skip
    assert min(sure) < 0.9


def test_what_is_subtracted_from_the_claims_keeps_its_sign() -> None:
    top = [row.replace("185.00", "180.00") for row in TOP]
    fields = _read([
        *top, *CLAIM, *FIRST, *SECOND,
        "Provider Level Adjustments (subtracted from the claims)",
        "Reason:   WO        Reference:   26260001    Amount:   10.00",
        "Reason:   L6        Reference:   26260002    Amount:   -5.00",
    ])  # fmt: skip
    taken = [(e["code"], e["amount_cents"]) for e in fields["provider_adjustments"].value]
    assert taken == [("WO", 10_00), ("L6", -5_00)]
    assert fields["balanced"].value


def test_a_letter_that_names_a_visit_is_no_remittance() -> None:
    text = page_of([
        "Dear office,", "please send the records of our member for the visit below.",
        "Patient: Jane Doe        Date of Birth: 01/02/1980", "Date of Service: 12/01/2025",
        "Thank you for your help with this request.",
    ])  # fmt: skip
    assert looks_like_remittance(text) < 0.5
