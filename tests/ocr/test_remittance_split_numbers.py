"""Numbers of scans in two pieces, groups in misread words and a payment beside its payee."""

import cv2
import numpy as np
import pytest

from intake.types import Box, Pixels, Word
from ocr.remittance import read_remittance
from ocr.remittance_ended_figures import with_ended_figures
from ocr.remittance_payment import totals_named
from ocr.remittance_rows import rows_of
from ocr.remittance_split_numbers import with_whole_numbers
from ocr.text import from_words
from tests.ocr.laid_out import page_of


def paper(text: str) -> tuple[Pixels, Box]:
    """A number in print and where it stands."""
    page = np.full((120, 500), 255, np.uint8)
    face, thick = cv2.FONT_HERSHEY_SIMPLEX, 2
    cv2.putText(page, text, (60, 70), face, 0.8, (0,), thick, cv2.LINE_AA)
    (wide, high), _ = cv2.getTextSize(text, face, 0.8, thick)
    return page, (60, 70 - high, wide, high + 4)


def pieces(text: str, *read: str) -> list[str]:
    """The words of a page that prints a text and was read in two pieces."""
    pixels, (x, y, wide, high) = paper(text)
    half = wide // 2
    words = [
        Word(read[0], (x, y, half - 2, high), 0.6),
        Word(read[1], (x + half, y, wide - half, high), 0.6),
    ]
    return [
        word.text for word in with_whole_numbers(from_words(0, "tesseract", words), pixels).words
    ]


def test_an_amount_of_thousands_that_was_read_in_two_pieces_is_whole() -> None:
    assert pieces("1,813.32", "1.81", "3.32") == ["1,813.32"]


def test_an_amount_that_was_cut_before_its_cents_is_whole_with_its_mark() -> None:
    assert pieces("111.14S", "111.1", "4S") == ["111.14S"]
    assert pieces("99203 50", "99203", "50") == ["99203", "50"]


def test_a_date_that_was_read_in_two_pieces_is_whole() -> None:
    assert pieces("08-18-26", "O8-", "18-26") == ["08-18-26"]


def test_two_numbers_that_make_none_stay_two() -> None:
    assert pieces("12.50 3.32", "12.50", "3.32") == ["12.50", "3.32"]


def test_one_print_that_was_read_twice_counts_once() -> None:
    pixels, (x, y, wide, high) = paper("45:")
    words = [Word("45:", (x - 8, y, wide + 8, high), 0.7), Word("45:", (x, y, wide, high), 0.9)]
    (word,) = with_whole_numbers(from_words(0, "tesseract", words), pixels).words
    assert (word.text, word.confidence) == ("45:", 0.9)


@pytest.mark.parametrize(("said", "code"), [
    ("Contractual Obfigation 45: 31.83", "CO-45"), ("Patlent Responsibillty 2: 20.00", "PR-2"),
    ("Other Adjustments 23: 5.00", "OA-23"), ("Contract Education 45: 5.00", None),
])  # fmt: skip
def test_a_group_whose_words_have_letters_misread_is_that_group(said: str, code: str) -> None:
    (row,) = rows_of(page_of([said], source="tesseract"))
    assert (code in [token.text for token in row.tokens]) is (code is not None)


def test_an_amount_of_money_behind_whom_it_was_credited_to_is_the_payment() -> None:
    paid = "Credited to   Harbor Point Clinic               $**461.53"
    (found,) = totals_named([page_of(["October 7, 2026", paid], source="tesseract")])
    assert found.found.text == "$**461.53"
    assert not totals_named([page_of(["Paid to   Ann Lee   20.00"], source="tesseract")])


SERVICES = (
    "Ann Lee",
    "Date       Code    Negotiated  Deductible  Benefit    Patient    Provider   {}",
    "                      fee        applied    amount    balance    discount   {}",
    "Patient: Ann Lee   Member ID: X12345678   Claim number: 26267327466",
    "10/12/26   99213      100.00       10.00     72.00      28.00       50.00     150.00",
    "10/13/26   80053       40.00        0.00     32.00       8.00       20.00      60.00",
    "10/14/26   97140       45.00        0.00     36.00       9.00       30.00      75.00",
    "Amount of Check $140.00",
)


@pytest.mark.parametrize("lost", [False, True])
def test_a_charge_whose_head_was_lost_is_told_beside_a_share_of_which_a_part_is_printed(
    *, lost: bool
) -> None:
    heads = ("     ", "   ") if lost else ("Usual", "fee")
    rows = [row.format(head) for row, head in zip(SERVICES[1:3], heads, strict=True)]
    text = page_of([*rows, *SERVICES[3:]], source="tesseract")
    fields, _ = read_remittance([text])
    claims = fields["claims"]
    assert claims is not None
    charged = [line["charged_cents"] for line in claims.value[0]["lines"]]
    assert charged == [15000, 6000, 7500]


def test_a_figure_that_its_colon_ends_is_sure_whatever_is_printed_behind_it() -> None:
    pixels, (x, y, _, high) = paper("29:$50")
    (wide, _), _ = cv2.getTextSize("29:", cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)

    def sure(said: str, *, bad: bool = False) -> float:
        text = from_words(0, "tesseract", [Word(said, (x, y, wide, high), 0.5)])
        (word,) = with_ended_figures(text, pixels, lambda _: bad).words
        return word.confidence

    assert sure("29:") >= 0.9
    assert sure("23:") == sure("29:", bad=True) == 0.5
