"""Words become lines whatever the page's slant, and labels find their values."""

import pytest

from intake.types import Word
from ocr import labels
from ocr.text import from_words
from ocr.values import parse_cents, parse_date
from tests.ocr.laid_out import page_of

ROWS = [
    "Account Number      5761785244      Check No. 10442",
    "Statement Date: 03/04/2026          Amount Due $1,250.00",
    "Minimum Amount Due $25.00",
    "Patient",
    "JANE Q DOE",
]


@pytest.mark.parametrize("slope", [-0.05, -0.01, 0.0, 0.02, 0.06])
def test_lines_hold_together_on_a_slanted_page(slope: float) -> None:
    text = page_of(ROWS, slope=slope)
    assert [line.text for line in text.lines] == [" ".join(row.split()) for row in ROWS]


def test_a_word_whose_box_took_in_a_ruled_line_stays_on_its_line() -> None:
    spots = [
        ("Patient", (100, 100, 80, 34)),
        ("JANE", (400, 102, 60, 18)),
        ("Date", (100, 138, 50, 18)),
        ("05/06/2026", (400, 139, 99, 18)),
        ("Number", (100, 176, 70, 18)),
        ("12345", (400, 176, 60, 18)),
    ]
    words = [Word(text, box, 0.9) for text, box in spots]
    lines = [line.text for line in from_words(0, "tesseract", words).lines]
    assert lines == ["Patient JANE", "Date 05/06/2026", "Number 12345"]


def test_values_stand_beside_or_below_their_label() -> None:
    text = page_of(ROWS)

    def read(*phrases: str, words: int = 1) -> str | None:
        found = labels.value_of(text, phrases, lambda t: len(t) > 3, most_words=words)
        return found.text if found else None

    assert read("account number") == "5761785244"
    assert read("check number") == "10442"
    assert read("patient", words=3) == "JANE Q DOE"
    dated = labels.value_of(text, ("statement date",), lambda t: parse_date(t) is not None)
    assert dated is not None
    assert dated.text == "03/04/2026"


def test_a_minimum_is_not_the_amount_due() -> None:
    text = page_of([ROWS[2], ROWS[1]])
    found = labels.value_of(
        text, ("amount due",), lambda t: parse_cents(t) is not None, not_after=("minimum",)
    )
    assert found is not None
    assert found.text == "$1,250.00"


@pytest.mark.parametrize(
    ("printed", "spelled"),
    [
        ("Pt. Resp.", "patient responsibility"),
        ("Co-Ins", "coinsurance"),
        ("Acct #:", "account number"),
        ("SERV DATE", "service date"),
        ("Chk No.", "check number"),
    ],
)
def test_abbreviated_labels_have_one_spelling(printed: str, spelled: str) -> None:
    assert " ".join(labels.tokens(printed)) == spelled
