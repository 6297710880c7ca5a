"""Marks and letters that a scan's reader puts into labels and numbers cost no claim its number."""

from typing import Any

import pytest

from ocr.labels import tokens
from ocr.remittance import read_remittance
from ocr.remittance_labels import claim_values, label_row, values_below
from ocr.remittance_rows import Row, rows_of
from tests.ocr.laid_out import page_of


def row(text: str) -> Row:
    (found,) = rows_of(page_of([text], source="tesseract"))
    return found


def said(text: str) -> dict[str, str]:
    values = claim_values(row(text))
    return {role: " ".join(token.text for token in found) for role, found in values.items()}


@pytest.mark.parametrize("misread", ["(D", "!D:", "|D", "[D", "{D:", "lD", "IO", "1D:"])
def test_an_id_whose_first_letter_was_read_as_a_stroke_is_one(misread: str) -> None:
    assert tokens(f"Member {misread}") == ["member", "id"]


def test_a_letter_in_brackets_is_no_id() -> None:
    assert tokens("Note (D)") == ["note", "d"]


def test_a_number_with_a_stray_mark_before_or_behind_it_is_read_without_it() -> None:
    labels = label_row(row("Patient name      Member ID      Account no."))
    values = values_below(labels, row("Mary Poe          'X12345678     79120\""))
    assert [token.text for token in values["member_id"]] == ["'X12345678"]
    read = said("Patient: Mary Poe   Member ID: 'X12345678   Account no.: P77'")
    assert set(read) == {"patient_name", "member_id", "patient_account"}


def test_no_is_a_part_of_the_label_and_not_the_number() -> None:
    assert said("Mary Poe    Your file no. P6548896    Claim number 2620001")[
        "patient_account"
    ] == ("P6548896")


def test_a_dash_between_two_pairs_is_no_part_of_a_name() -> None:
    read = said("Mary Poe --    Member ID X12345678    Your Account No. 6692-5 -")
    assert read["patient_name"] == "Mary Poe"


def test_a_contract_before_a_lettered_number_is_the_members() -> None:
    read = said("Contract W503869332     Your file no. P6548896     Document no. 26224697265")
    assert read["member_id"] == "W503869332"
    assert "member_id" not in said("Contract 120.00     Patient Mary Poe")


BILL = [
    "EXPLANATION OF REVIEW",
    "Payment amount: $90.00",
    "Injured worker     Date of injury     Provider's patient account     Bill control number",
    "Poe, Mary          05/30/2026         P4548519                       26257607387",
    "Rendering provider     Bill received     Reviewed under",
    "Ann Doe MD             09/20/2026        State schedule",
    "Date of service     Code      Amount billed     Reduction     Paid",
]


def claims(*services: str) -> list[dict[str, Any]]:
    fields, _ = read_remittance([page_of([*BILL, *services], source="tesseract")])
    found: list[dict[str, Any]] = (fields["claims"] or pytest.fail("no claims")).value
    return found


def test_the_day_that_a_bill_was_received_is_not_that_of_a_service_without_its_own() -> None:
    (dated,) = claims("09/14/2026          99213     100.00            10.00         90.00")
    assert dated["lines"][0]["service_on"] == "2026-09-14"
    (bare,) = claims("                    99213     100.00            10.00         90.00")
    assert bare["patient_account"] == "P4548519"
    (line,) = bare["lines"]
    assert line["service_on"] is None
