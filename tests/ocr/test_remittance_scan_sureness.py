"""What is not sure on a scanned remittance though it adds up: sums, reasons, lone figures."""

from typing import Any

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.cell_readers import CellReader
from ocr.remittance import read_remittance
from ocr.remittance_cells import PaperClaim, Reason, ServiceLine
from ocr.remittance_claim_sums import set_sums_apart
from ocr.remittance_header import header_fields
from ocr.remittance_lexicon import column_role
from ocr.remittance_rows import rows_of
from ocr.remittance_sums import adjustments, line_json
from ocr.text import from_words
from ocr.types import Field
from tests.ocr.laid_out import page_of

TOP = ["MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE", ""]
HEADS = "DOS         Code       Your Charge    Discount   Patient Owes     Benefit"


def _claims(*rows: str) -> list[dict[str, Any]]:
    fields, _ = read_remittance([page_of([*TOP, *rows], source="tesseract")])
    found: list[dict[str, Any]] = (fields["claims"] or pytest.fail("no claims")).value
    return found


def cents(value: int, sure: float = 0.99) -> Field:
    return Field(value, sure, 0, None, "tesseract")


def service(charged: int, paid: int, code: str | None = "99213") -> ServiceLine:
    line = ServiceLine({"charged_cents": cents(charged), "paid_cents": cents(paid)})
    if code is not None:
        line.cells["procedure_code"] = Field(code, 0.99, 0, None, "tesseract")
    return line


def claim(*lines: ServiceLine) -> PaperClaim:
    return PaperClaim(where="", lines=list(lines))


def test_a_discount_of_the_same_cents_as_a_deductible_is_told_beside_it() -> None:
    line = service(4000, 0)
    line.cells |= {"discount": cents(2000), "patient_responsibility_cents": cents(2000)}
    line.reasons = [Reason("PR", "1", cents(2000))]
    told = [(each["code"], each["amount_cents"]) for each in adjustments(line)]
    assert sorted(told) == [("1", 2000), ("45", 2000)]
    line.reasons = [Reason("CO", "45", cents(2000))]
    assert [each["code"] for each in adjustments(line)] == ["45"]


@pytest.mark.parametrize("place", [0, -1])
def test_a_row_without_a_code_that_the_services_come_to_is_their_sum(place: int) -> None:
    of_two = [service(10000, 8000), service(5000, 5000)]
    of_one = [service(7000, 7000)]
    of_two.insert(place % 3, service(15000, 13000, None))
    of_one.insert(place % 2, service(7000, 7000, None))
    claims = [claim(*of_two), claim(*of_one)]
    set_sums_apart(claims)
    assert [len(each.lines) for each in claims] == [2, 1]
    assert all(line.procedure_code for each in claims for line in each.lines)
    assert [each.totals["paid_cents"].value for each in claims] == [13000, 7000]


def test_two_services_at_one_price_are_no_sum_where_no_other_claim_tells_so() -> None:
    claims = [claim(service(7000, 7000, None), service(7000, 7000)), claim(service(5000, 4000))]
    set_sums_apart(claims)
    assert [len(each.lines) for each in claims] == [2, 1]


def test_a_row_that_the_services_do_not_come_to_stays_a_service() -> None:
    claims = [claim(service(15000, 12000, None), service(10000, 8000), service(5000, 5000))]
    set_sums_apart(claims)
    assert len(claims[0].lines) == 3


def test_a_line_that_lost_its_code_is_not_sure_among_lines_that_have_theirs() -> None:
    rows = [
        "Patient: JANE DOE   Member ID: M12345678",
        HEADS,
        "12/01/2025  99213         150.00         50.00          15.00       85.00",
        "12/02/2025                100.00          0.00           0.00      100.00",
        "12/03/2025  80053          40.00          0.00           0.00       40.00",
        "",
        "Net Paid to Provider:   $225.00",
    ]
    (read,) = _claims(*rows)
    assert [line["procedure_code"] for line in read["lines"]] == ["99213", None, "80053"]
    sure = [line["evidence"]["paid_cents"]["confidence"] >= 0.9 for line in read["lines"]]
    assert sure == [True, False, True]


def test_that_nothing_is_the_patients_is_no_surer_than_the_reasons_that_say_so() -> None:
    line = service(10000, 9000)
    line.reasons = [Reason(None, "00", cents(1000, 0.8), unknown=True)]
    share = line_json(line)["evidence"]["patient_responsibility_cents"]
    assert share["value"] == 0
    assert share["confidence"] < 0.9


HEADED = [
    "Patient JOHN ROE        Claim number 26262349575",
    "Rendering provider TOMAS VARGA DMD",
    "12/01/2025  D0120          50.00          0.00           0.00       50.00",
    "Patient MARY POE        Claim number 26262349576",
    "Rendering provider PAUL BRENNER DDS",
    "12/02/2025  D0274          60.00          0.00           0.00       60.00",
]


def test_services_under_a_heading_whose_first_row_was_lost_are_not_the_patients_above() -> None:
    rows = [
        HEADS,
        *HEADED,
        "P W LL   Docmnt  2 278202",
        "Rendering provider OSCAR LINDQVIST DDS",
        "12/03/2025  D1351          70.00          0.00           0.00       70.00",
    ]
    read = _claims(*rows)
    assert [len(each["lines"]) for each in read] == [1, 1, 1]
    assert read[2]["patient_name"] is None
    assert [each["provider_name"] for each in read] == [
        "TOMAS VARGA DMD", "PAUL BRENNER DDS", "OSCAR LINDQVIST DDS",
    ]  # fmt: skip


def sheet(text: str, x: int) -> Pixels:
    """White paper with a text printed at its left edge, 40 pixels from the top."""
    page = np.full((90, 400), 255, np.uint8)
    cv2.putText(page, text, (x, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize(("text", "sure"), [("9", True), ("96", False)])
def test_a_figure_that_the_engine_took_for_a_whole_code_is_sure_only_if_it_stands_alone(
    text: str, sure: bool
) -> None:
    engine = from_words(0, "tesseract", [Word("9", (100, 36, 18, 28), 0.95)])
    (word,) = CellReader({0: sheet(text, 100)}).confirmed(engine).words
    assert (word.confidence >= 0.9) is sure


def test_a_zero_that_lost_its_point_is_an_amount_and_no_code() -> None:
    engine = from_words(0, "tesseract", [Word("00", (104, 36, 44, 28), 0.95)])
    (word,) = CellReader({0: sheet(".00", 100)}).confirmed(engine).words
    assert word.text in {".00", "0.00"}


def test_a_head_of_several_shares_of_which_some_are_misread_names_none_alone() -> None:
    assert column_role("Dedactible/ Copay/Coims") == "shared_cost"
    assert column_role("Copay due") == column_role("Copay") == "copay"


@pytest.mark.parametrize(
    ("printed", "sure"),
    [
        ("PRAIRIE MUTUAL INSURANCE", True),
        ("PRAIRIE", False),
        ("PRAIRIE MUTUAL E XPLANATION OF BENEFITS", False),
    ],
)
def test_a_payer_that_may_be_cut_off_or_run_into_a_title_is_not_sure(
    printed: str, sure: bool
) -> None:
    page = page_of([f"Payer name:   {printed}", "Payment date: 01/02/2026"], source="tesseract")
    payer = header_fields([page], lambda field: field.confidence, exact=False)["payer_name"]
    assert payer is not None
    assert (payer.confidence >= 0.9) is sure


def test_a_month_with_a_letter_misread_is_told_by_its_day_and_year_but_not_sure() -> None:
    (row,) = rows_of(page_of(["ul 22, 2026   D0140   65.00"], source="tesseract"))
    days = [token for token in row.tokens if token.day]
    assert [token.day for token in days] == ["2026-07-22"]
    assert days[0].confidence < 0.9
    (row,) = rows_of(page_of(["pl 22, 2026   D0140   65.00"], source="tesseract"))
    assert not any(token.day for token in row.tokens)  # of April or of July


def test_codes_of_the_legend_are_read_though_the_head_over_them_was_lost() -> None:
    rows = [
        "Patient: JANE DOE   Member ID: M12345678",
        "DOS         Code    Billed    Approved    Not approved          Deductible     Benefit",
        "12/01/2025  D0140    65.00       45.00           20.00   P10          0.00       45.00",
        "12/02/2025  D0120    50.00       33.00           17.00   P10          0.00       33.00",
        "",
        "P10 - The fee is above what participating dentists have agreed to charge.",
        "Net Paid to Provider:   $78.00",
    ]
    (read,) = _claims(*rows)
    told = [[each["code"] for each in line["adjustments"]] for line in read["lines"]]
    assert told == [["P10"], ["P10"]]
