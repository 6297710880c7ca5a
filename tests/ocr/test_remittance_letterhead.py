"""What is printed above the table is no row of it, on later pages either."""

from dataclasses import replace
from typing import Any

from ocr.remittance import read_remittance
from ocr.remittance_header import header_fields
from ocr.text import PageText
from tests.ocr.laid_out import page_of

HEADS = [
    "DATE         PROC   UNITS     BILLED    DISALLOWED    EOB     ALLOWED      PAID",
    "             DESCRIPTION                DEDUCT      COINS       COPAY",
]
BELOW = "             OFFICE VISIT                  .00        .00         .00"
WHOSE = "RECIPIENT: JANE DOE     ICN: 2627{}"


def _page(number: int, *rows: str) -> PageText:
    top = [
        "GREAT RIVERS HEALTH FUND               REMITTANCE ADVICE",
        f"ST LOUIS MO 63101                      PAGE NO {number}",
        "WARRANT NO 3683454085   PAID 10/29/2026   NET 180.00", "",
    ]  # fmt: skip
    text = page_of([*top, *HEADS, *rows])
    return replace(text, page=number - 1)


def _services(*pages: PageText) -> list[tuple[Any, ...]]:
    fields, _ = read_remittance(pages)
    assert fields["claims"] is not None
    return [
        (line["procedure_code"], line["paid_cents"],
         [(e["code"], e["amount_cents"]) for e in line["adjustments"]])
        for claim in fields["claims"].value
        for line in claim["lines"]
    ]  # fmt: skip


def test_a_letterhead_with_a_day_an_amount_and_a_place_is_no_service() -> None:
    first = "10/01/2026   99213      1     100.00         10.00   0361       90.00     90.00"
    second = "10/02/2026   80053      1      95.00          5.00   0361       90.00     90.00"
    found = _services(
        _page(1, WHOSE.format(1), first, BELOW), _page(2, WHOSE.format(2), second, BELOW)
    )
    assert found == [("99213", 90_00, [("0361", 10_00)]), ("80053", 90_00, [("0361", 5_00)])]


def test_a_row_with_a_day_and_the_payments_amount_alone_shifts_no_column() -> None:
    heads = (
        "DATE         PROC      BILLED    DISCOUNT        NOTE   DEDUCTIBLE     ALLOWED     PAID"
    )
    rows = [
        "10/01/2026   99213     100.00       10.00               25.00          90.00     65.00",
        "10/02/2026   80053      95.00        5.00                              90.00     90.00",
        "DIRECT DEPOSIT (ACH)   10/29/2026                  $91,155.00",
    ]
    text = page_of(["GREAT RIVERS HEALTH FUND    REMITTANCE ADVICE", WHOSE.format(1), heads, *rows])
    assert _services(text)[0] == ("99213", 65_00, [("45", 10_00), ("1", 25_00)])


def test_a_payees_name_above_a_table_that_goes_on_opens_no_claim() -> None:
    heads = "DATE         PROC   BILLED    DISCOUNT     PATIENT OWES     PAID"
    top = ["GREAT RIVERS HEALTH FUND    NOTICE OF PAYMENT",
           "PAYEE NAME: EASTSIDE MEDICINE LLC    PAYMENT DATE: 10/11/2026", "", heads]  # fmt: skip
    first = ["DOE, JANE    CLAIM ID 26251191100",
             "10/01/2026   99213  100.00       10.00           25.00         65.00"]  # fmt: skip
    second = ["10/02/2026   80053   95.00        5.00            0.00         90.00",
              "CLAIM TOTAL         195.00       15.00           25.00        155.00"]  # fmt: skip
    pages = [page_of([*top, *first]), replace(page_of([*top, *second]), page=1)]
    fields, _ = read_remittance(pages)
    assert fields["claims"] is not None
    [claim] = fields["claims"].value
    assert (claim["charged_cents"], len(claim["lines"])) == (195_00, 2)


def test_a_word_like_a_code_beside_an_amount_left_out_is_doubted_under_no_head() -> None:
    heads = "DATE         PROC    BILLED     EXCLUDED   SEE    PATIENT PAYS     WE PAY"
    rows = ["DOE, JANE    CLAIM ID 26251191100",
            "10/01/2026   99213   100.00       0.00              0.00        100.00",
            "10/02/2026   80053    95.00      95.00   N1         0.00          0.00",
            "TOTAL                195.00      95.00              0.00        100.00",
            "TOTAL PAYMENT 100.00"]  # fmt: skip
    fields, _ = read_remittance(
        [page_of(["GREAT RIVERS HEALTH FUND  REMITTANCE", "", heads, *rows])]
    )
    assert fields["claims"] is not None
    paid, left_out = fields["claims"].value[0]["lines"]
    assert paid["evidence"]["charged_cents"]["confidence"] >= 0.9
    assert left_out["evidence"]["charged_cents"]["confidence"] < 0.9


def test_the_next_label_behind_pay_to_is_no_payee() -> None:
    heads = "DATE         PROC   BILLED    DISCOUNT     PATIENT OWES     PAID"
    rows = ["10/01/2026   99213  100.00       10.00           25.00         65.00"]
    for below, payee in (("TRACE: 9843311", None), ("ORTHOWORKS", "ORTHOWORKS")):
        top = ["GREAT RIVERS HEALTH FUND    NOTICE OF PAYMENT", "", f"PAY TO: {below}", "", heads]
        fields, _ = read_remittance([page_of([*top, *rows])])
        found = fields["payee_name"]
        assert (found and found.value) == payee
        assert found is None or found.confidence < 0.9


def test_whom_a_letter_greets_is_not_who_pays() -> None:
    letter = page_of(["12 Hall Street, Toledo OH 43604", "", "Dear Lakeshore Family Dental,"])
    read = header_fields([letter], lambda field: field.confidence, exact=True)
    assert read.get("payer_name") is None
