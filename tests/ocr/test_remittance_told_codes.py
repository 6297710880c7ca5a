"""Codes that only a line of words explains, and rows that repeat the payment's sums."""

from typing import Any

from ocr.remittance import read_remittance
from tests.ocr.laid_out import page_of

TOP = ["MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE", ""]
WHOSE = "Patient: Jane Doe            Claim number: 26267327466"
END = ["", "Payment Ref:   7741209", "Net Paid to Provider:   $85.00"]


def _read(*rows: str) -> dict[str, Any]:
    fields, _ = read_remittance([page_of([*TOP, WHOSE, *rows, *END])])
    return {name: field for name, field in fields.items() if field is not None}


def _reasons(fields: dict[str, Any]) -> list[list[tuple[Any, ...]]]:
    return [
        [(e["code"], e["amount_cents"], e.get("payer_code")) for e in line["adjustments"]]
        for claim in fields["claims"].value
        for line in claim["lines"]
    ]


def test_letters_in_a_column_of_codes_are_explained_by_a_line_of_words() -> None:
    heads = "DOS         Code       Your Charge    Not Covered   Remark   Benefit"
    lines = [
        "12/01/2025  99213         150.00         65.00       DUP       85.00",
        "12/02/2025  80053         100.00        100.00       INC        0.00",
    ]
    words = [
        "DUP  This expense has been considered before as a duplicate.",
        "INC  Charge is incidental to the primary procedure.",
    ]
    fields = _read(heads, *lines, *words)
    assert _reasons(fields) == [[("18", 65_00, "DUP")], [("97", 100_00, "INC")]]
    # A heading of letters that stand in no such column explains nothing.
    assert "DUP" in fields["code_legend"].value
    plain = [line.replace("DUP", "   ").replace("INC", "   ") for line in lines]
    assert "code_legend" not in _read(heads, *plain, *words)


HEADS = ["DOS         Code          Billed      Discount      Rule     Rule Reduction     Benefit"]
LINES = [
    "12/01/2025  99213         150.00         65.00                                   85.00",
    "12/02/2025  80053         100.00                     29            100.00         0.00",
]
RULE = "Rule 29: The time limit for filing has expired."


def test_a_column_whose_codes_are_explained_under_its_name_holds_reasons() -> None:
    fields = _read(*HEADS, *LINES, RULE)
    assert _reasons(fields) == [[("45", 65_00, None)], [("29", 100_00, None)]]
    assert fields["balanced"].value


def test_a_row_that_only_repeats_the_sums_is_understood() -> None:
    fields = _read(*HEADS, *LINES, RULE, "Bills reviewed        Billed         Total paid",
                   "1                     $250.00        $85.00")  # fmt: skip
    assert fields["claims"].confidence >= 0.9
    other = _read(*HEADS, *LINES, RULE, "Bills reviewed        Billed         Total paid",
                  "1                     $251.00        $85.00")  # fmt: skip
    assert other["claims"].confidence < 0.9
