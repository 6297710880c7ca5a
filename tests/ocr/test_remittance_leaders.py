"""Dots up to an amount that a text engine reads as words."""

import pytest

from intake.types import Word
from ocr.remittance import read_remittance
from ocr.remittance_leaders import without_leaders
from ocr.text import PageText, from_words
from tests.ocr.laid_out import page_of


def line(*words: tuple[str, int, float], source: str = "tesseract") -> PageText:
    """A page of one line: texts with their left edges and how sure they are."""
    return from_words(
        0, source, [Word(text, (x, 40, 12 * len(text), 20), sure) for text, x, sure in words]
    )


def texts(page: PageText) -> list[str]:
    return [word.text for word in page.words]


GARBLED = (("Paid", 0, 0.96), ("by", 60, 0.96), ("..ccees0", 100, 0.1), ("eee", 220, 0.4),
           ("1,293.22", 320, 0.99))  # fmt: skip


def test_words_made_of_dots_up_to_an_amount_are_left_out() -> None:
    assert texts(without_leaders(line(*GARBLED))) == ["Paid", "by", "1,293.22"]


@pytest.mark.parametrize(
    "words",
    [
        (*GARBLED[:2], ("D0120", 100, 0.9), GARBLED[4]),  # read well
        (*GARBLED[:2], ("12.00", 100, 0.4), GARBLED[4]),  # an amount, not the only one
        (*GARBLED[:2], ("..c", 100, 0.1), ("1,293.22", 150, 0.99)),  # no room for dots
        GARBLED[2:],  # no label
        (*GARBLED[:2], ("PR1", 150, 0.4), GARBLED[4]),  # a code in the middle of the room
    ],
)
def test_other_words_stay(words: tuple[tuple[str, int, float], ...]) -> None:
    assert texts(without_leaders(line(*words))) == [word[0] for word in words]


def test_print_has_no_garbled_words() -> None:
    page = line(*GARBLED, source="text_layer")
    assert without_leaders(page) == page


def test_the_total_of_a_payment_may_stand_far_from_its_label() -> None:
    rows = [
        "MIDLAND HEALTH PLAN      STATEMENT OF REMITTANCE", "",
        "Patient: JANE DOE   Member ID: M12345678",
        "DOS         Code       Your Charge    Discount   Patient Owes     Benefit",
        "12/01/2025  99213         150.00         50.00          15.00       85.00",
        "", "NET PAYMENT AMOUNT" + 110 * " " + "85.00",
    ]  # fmt: skip
    fields, _ = read_remittance([page_of(rows, source="tesseract")])
    total = fields["total_paid_cents"]
    assert total is not None
    assert total.value == 8500
