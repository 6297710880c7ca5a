"""Codes and amounts at a service that nobody understands: asked of a person, never guessed."""

from collections.abc import Mapping
from typing import Any

import pytest

from ocr.remittance import read_remittance
from ocr.types import Field
from tests.ocr.laid_out import page_of

TOP = [
    "MIDLAND HEALTH PLAN",
    "Explanation of Payment",
    "Check Number: 5512007     Check Date: 01/15/2026     Check Amount: $170.00",
    "Patient: Alice Kennedy     Member ID: X470253526     Claim Number: 26230871",
]
HEADS = "Date         Code      Charge     Allowed    Not Covered  Adjustments   Paid"
DENIED = "01/02/2026   99213     160.00     0.00       160.00{:<14}     0.00"
PAID = "01/02/2026   80053     170.00     170.00       0.00                170.00"


def _lines(rows: list[str]) -> list[dict[str, Any]]:
    fields, _ = read_remittance([page_of(rows)])
    assert _value(fields, "balanced") is True
    return [line for claim in _value(fields, "claims") for line in claim["lines"]]


def _value(fields: Mapping[str, Field | None], name: str) -> Any:
    field = fields[name]
    assert field is not None
    return field.value


def _sure(line: dict[str, Any]) -> float:
    return float(
        min(
            cell["confidence"]
            for name, cell in line["evidence"].items()
            if name.endswith("_cents") or name.startswith("adjustments")
        )
    )


def test_a_column_of_adjustments_without_amounts_lists_codes() -> None:
    denied, paid = _lines([*TOP, HEADS, DENIED.format("     18"), PAID])
    assert [(e["code"], e["amount_cents"]) for e in denied["adjustments"]] == [("18", 160_00)]
    assert min(_sure(denied), _sure(paid)) >= 0.9


@pytest.mark.parametrize("mark", [" Q", " (Q)", " QX"])
def test_a_mark_at_an_amount_that_nothing_explains_leaves_it_unsure(mark: str) -> None:
    denied, paid = _lines([*TOP, HEADS, DENIED.format(mark), PAID])
    assert _sure(denied) < 0.9 <= _sure(paid)


@pytest.mark.parametrize("title", ["Message Codes", "Note Codes:", "EX CODES", "Denial codes"])
def test_a_legend_under_the_name_of_its_codes(title: str) -> None:
    legend = [title, "(Q)  The time limit for filing has expired"]
    denied, _ = _lines([*TOP, HEADS, DENIED.format(" (Q)"), PAID, *legend])
    assert [(e["code"], e["payer_code"]) for e in denied["adjustments"]] == [("29", "Q")]


def test_an_amount_under_an_unknown_head_may_be_what_the_patient_owes() -> None:
    heads = "Date         Code      Charge     Discount   Zorble     Patient Owes   Paid"
    rows = [
        "01/02/2026   99213     190.00     77.90      10.00      10.00          102.10",
        "01/02/2026   80053     67.90      0.00       0.00       7.90           60.00",
        "01/02/2026   36415     17.90      0.00       0.00       10.00          7.90",
    ]
    owed, *others = _lines([*TOP, heads, *rows])
    assert _sure(owed) < 0.9 <= min(map(_sure, others))


def test_a_head_of_two_lines_is_one_amount_beside_the_name_of_the_next_column() -> None:
    heads = [
        "                       Charge                 Plan       Patient",
        "Date         Code      Amount    Network Fee  Discount   Share      Co-Pay     Paid",
    ]
    rows = [
        "01/02/2026   99213     280.00    180.00       100.00     10.00      10.00      170.00",
        "                                 Charge Amount                      280.00",
        "                                 Network Fee                        180.00",
        "                                 Co-Pay                             10.00",
    ]
    (line,) = _lines([*TOP, *heads, *rows])
    assert (line["charged_cents"], line["allowed_cents"]) == (280_00, 180_00)
    assert [(e["code"], e["amount_cents"]) for e in line["adjustments"]] == [
        ("45", 100_00), ("3", 10_00)
    ]  # fmt: skip
