"""Names and numbers on remittances that look like something else are not read, or not sure."""

from typing import Any

import pytest

from ocr.remittance import read_remittance
from ocr.remittance_doubt import no_person, no_provider
from tests.ocr.laid_out import page_of

TABLE = [
    "Date        Code      Billed    Above Allowance   Allowed    Patient Owes     Paid",
    "10/02/2026  99213     150.00        50.00          100.00        15.00        85.00",
    "",
    "Check Number: 7741209   Check Date: 10/12/2026   Check Amount: $85.00",
]


def _read(*rows: str) -> tuple[dict[str, Any], dict[str, Any]]:
    fields, _ = read_remittance([page_of([*rows, "", *TABLE])])
    (claim,) = (fields["claims"] or pytest.fail("no claims")).value
    return dict(fields), claim


def test_the_town_of_an_address_beside_a_claims_numbers_is_no_patient() -> None:
    _, claim = _read(
        "MIDLAND HEALTH PLAN              EXPLANATION OF BENEFITS",
        "                                 Patient: Jane Doe   Member ID: M12345678",
        "Elm Street Clinic                Patient account: 7003-4",
        "Salem OR 97301                   Claim number: 26267327466",
        "                                 Provider TIN: 01-0624418",
    )
    assert claim["patient_name"] == "Jane Doe"
    assert claim["provider_name"] is None


def test_the_label_tells_whose_control_number_it_is() -> None:
    _, claim = _read(
        "MIDLAND HEALTH PLAN",
        "Patient: Jane Doe   Your control no. 7003-4   Our control no. 26248491144",
    )
    assert (claim["patient_account"], claim["claim_number"]) == ("7003-4", "26248491144")


def test_values_stand_under_small_labels_and_a_title_is_no_payer() -> None:
    fields, claim = _read(
        "EXPLANATION OF REVIEW",
        "Midland Casualty Company",
        "",
        "Injured worker       Date of injury      Bill control number",
        "Doe, Jane            06/13/2026          E26224805533",
        "Rendering provider   Bill received       Reviewed under",
        "Amos Field MD        08/17/2026          Fee schedule",
    )
    assert (claim["patient_name"], claim["provider_name"]) == ("Jane Doe", "Amos Field MD")
    assert claim["claim_number"] == "E26224805533"
    assert fields["payer_name"].value == "Midland Casualty Company"


def test_what_is_above_the_allowance_is_a_write_off() -> None:
    _, claim = _read("MIDLAND HEALTH PLAN", "Patient: Jane Doe   Claim number: 26267327466")
    assert [each["code"] for each in claim["lines"][0]["adjustments"]] == ["45"]


@pytest.mark.parametrize("text", ["Portland ME", "Amos Field MD", "Bill received", "Elm Clinic"])
def test_a_town_a_doctor_a_label_and_a_practice_are_no_patients(text: str) -> None:
    assert no_person(text)


@pytest.mark.parametrize("text", ["Jane Doe", "JANE DOE", "Maria de la Cruz", "Ann O'Neil Jr."])
def test_a_person_is_one(text: str) -> None:
    assert not no_person(text)


def test_a_label_is_no_provider() -> None:
    assert no_provider("TIN")
    assert no_provider("Bill received")
    assert not no_provider("Amos Field MD")


def test_an_amount_beside_the_rate_is_the_next_columns() -> None:
    rows = [
        "MIDLAND HEALTH PLAN", "Patient: Jane Doe   Claim number: 26267327466", "",
        "Date        Code     Charge    Allowed   Deductible  Pays At    Paid    Patient Owes",
        "10/02/2026  D2391    150.00    150.00        50.00     80%      80.00        70.00",
        "10/02/2026  D1110    100.00    100.00                 100%     100.00         0.00",
    ]  # fmt: skip
    fields, _ = read_remittance([page_of(rows)])
    claims = fields["claims"]
    assert claims is not None
    first = claims.value[0]["lines"][0]["adjustments"]
    assert [(each["code"], each["amount_cents"]) for each in first] == [("1", 5000)]


def test_what_nothing_explains_is_not_sure() -> None:
    rows = [
        "MIDLAND HEALTH PLAN", "Patient: Jane Doe   Claim number: 26267327466", "",
        "Date        Code      Billed    Discount    Allowed    Patient Owes     Paid",
        "10/02/2026  99213     150.00      50.00      100.00         0.00       100.00",
        "10/02/2026  81002      14.20       0.00        0.00         0.00         0.00",
        "", "Check Number: 7741209   Check Date: 10/12/2026   Check Amount: $100.00",
    ]  # fmt: skip
    fields, _ = read_remittance([page_of(rows)])
    claims = fields["claims"]
    assert claims is not None
    assert claims.confidence < 0.9
    charged = claims.value[0]["lines"][1]["evidence"]["charged_cents"]
    assert charged["confidence"] < 0.9
