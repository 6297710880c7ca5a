"""Sums below a claim prove or gainsay it; names without a label need something to bear them out."""

from collections.abc import Mapping
from typing import Any

import pytest

from ocr.remittance import read_remittance
from ocr.remittance_rows import rows_of
from ocr.types import Field
from tests.ocr.laid_out import page_of

TOP = ["MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE", ""]
HEADS = "DOS         Code       Your Charge    Discount   Patient Owes     Benefit"
LINES = [
    "12/01/2025  99213         150.00         50.00          15.00       85.00",
    "12/02/2025  80053         100.00          0.00           0.00      100.00",
]
SUMS = [
    "                                      Your Charge              250.00",
    "                                      Total Patient Owes        15.00",
    "                                      Benefit                  185.00",
]
END = ["", "Payment Ref:        7741209", "Net Paid to Provider:   $185.00"]


def _read(*rows: str) -> tuple[Mapping[str, Field | None], list[dict[str, Any]]]:
    fields, _ = read_remittance([page_of([*TOP, *rows, *END])])
    return fields, (fields["claims"] or pytest.fail("no claims")).value


def _balanced(fields: Mapping[str, Field | None]) -> bool:
    return bool((fields["balanced"] or pytest.fail("not told")).value)


def test_sums_below_each_other_are_each_of_the_column_they_name() -> None:
    fields, claims = _read("Patient: JANE DOE   Member ID: M12345678", HEADS, *LINES, *SUMS)
    assert _balanced(fields)
    assert claims[0]["evidence"]["paid_cents"]["confidence"] >= 0.9


def test_sums_that_the_lines_do_not_come_to_tell_that_one_is_lost() -> None:
    fields, _ = _read("Patient: JANE DOE   Member ID: M12345678", HEADS, LINES[1], *SUMS)
    assert not _balanced(fields)
    assert any(each["where"] == "claim 1, charged"
               for each in (fields["imbalances"] or pytest.fail("not told")).value)  # fmt: skip


def test_groups_of_reasons_may_be_written_in_words() -> None:
    _, claims = _read(
        "Patient: JANE DOE   Member ID: M12345678",
        "DOS         Code       Billed    Adjustment reason and amount          You owe     Paid",
        "12/01/2025  99213      150.00    Contractual Obligation 45: $50.00      15.00    85.00",
        "                                 Patient Responsibility 2: $15.00",
    )
    reasons = [
        (a["group"], a["code"], a["amount_cents"]) for a in claims[0]["lines"][0]["adjustments"]
    ]
    assert reasons == [("CO", "45", 5000), ("PR", "2", 1500)]


def test_a_label_may_run_into_its_amount() -> None:
    (row,) = rows_of(page_of(["Total Provider Payment$1,185.00"]))
    assert [token.text for token in row.tokens] == ["Total", "Provider", "Payment", "$1,185.00"]
    assert [token.cents for token in row.amounts] == [118500]


def _sure_of_name(*rows: str) -> list[float]:
    _, claims = _read(*rows)
    return [claim["evidence"]["patient_name"]["confidence"] for claim in claims]


def test_a_name_that_no_label_tells_is_sure_only_when_borne_out() -> None:
    alone = ["JANE DOE", "Member ID: M12345678   Claim number: 26267327466", HEADS, *LINES]
    assert max(_sure_of_name(*alone)) < 0.9
    again = _sure_of_name(*alone, "", "Please tell Doe, Jane of this statement.")
    assert min(again) >= 0.9
    other = ["JOHN ROE", "Member ID: M22345678   Claim number: 26267327467", HEADS, *LINES]
    assert min(_sure_of_name(*alone, "", *other)) >= 0.9  # a column of names
    labelled = ["Patient: JOHN ROE   Member ID: M22345678", HEADS, *LINES]
    assert min(_sure_of_name(*alone, "", *labelled)) < 0.9
