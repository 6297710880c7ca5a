"""Words of a scan that run together: days and years, codes of reasons and their amounts."""

import pytest

from intake.types import Word
from ocr.remittance import read_remittance
from ocr.remittance_glued_codes import with_codes
from ocr.remittance_rows import rows_of
from ocr.remittance_run_together import with_codes_apart, with_years_apart
from ocr.text import PageText, from_words
from tests.ocr.laid_out import page_of


def page(*words: tuple[str, int, int]) -> PageText:
    """A scanned line of words, each with its left edge and width, 20 pixels high."""
    return from_words(
        0, "tesseract", [Word(text, (x, 50, wide, 20), 0.9) for text, x, wide in words]
    )


def texts(text: PageText) -> list[str]:
    return [word.text for word in text.words]


def test_a_day_and_the_year_behind_a_month_are_two_words() -> None:
    assert texts(with_years_apart(page(("Sep", 10, 36), ("18,2026", 50, 80)))) == [
        "Sep", "18,", "2026",
    ]  # fmt: skip
    assert texts(with_years_apart(page(("Paid", 10, 36), ("18,2026", 50, 80)))) == [
        "Paid", "18,2026",
    ]  # fmt: skip


@pytest.mark.parametrize(("gap", "apart"), [(20, True), (3, False)])
def test_a_code_and_an_amount_with_a_space_between_are_no_amount(gap: int, *, apart: bool) -> None:
    before = page(("45", 100, 30), ("37.80", 130 + gap, 80))
    made = page(("4537.80", 100, 110 + gap))
    assert texts(with_codes_apart(made, before)) == (["45", "37.80"] if apart else ["4537.80"])


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ("99213  40.00  CO 4520.00  20.00", ["CO", "45", "20.00"]),
        ("PR 225.68", ["PR", "2", "25.68"]),
        ("PR (310.00)", ["PR", "3", "(10.00)"]),
        ("CO 520.00", ["CO", "520.00"]),
        ("CO 4500.00", ["CO", "4500.00"]),
    ],
)
def test_a_group_without_a_code_has_it_run_into_its_amount(row: str, read: list[str]) -> None:
    (found,) = with_codes(rows_of(page_of([row], source="tesseract")))
    said = [token.text for token in found.tokens]
    at = said.index(read[0])
    assert said[at : at + len(read)] == read


def test_print_keeps_its_words() -> None:
    rows = rows_of(page_of(["CO 4520.00"]))
    assert with_codes(rows) == list(rows)


@pytest.mark.parametrize(("below", "sure"), [("", True), ("3.25.00", False)])
def test_a_code_that_ran_into_its_amount_below_a_service_is_no_day_and_asked(
    below: str, *, sure: bool
) -> None:
    rows = (
        "Patient     Date        Code     Charge    CAS Detail    Patient Resp    Paid",
        "Ann Lee     09/01/2026  99203    230.00    45 92.00            25.00   113.00",
        "                                           3 25.00",
        "Ann Lee     09/02/2026  99213    230.00    45 92.00            25.00   113.00",
        "                                           " + (below or "3 25.00"),
        "Ann Lee     09/03/2026  99214    230.00    45 92.00            25.00   113.00",
        "                                           3 25.00",
    )
    read, _ = read_remittance([page_of([*rows, "Amount Paid 339.00"], source="tesseract")])
    claims = read["claims"]
    assert claims is not None
    line = [line for claim in claims.value for line in claim["lines"]][1]
    assert (line["evidence"]["paid_cents"]["confidence"] >= 0.9) == sure
