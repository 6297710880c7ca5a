"""Words of a scan that are no amount or day are as sure as a second reader makes them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.cell_asked import Asked
from ocr.cell_words import dental, sign
from ocr.text import from_words

SURE = 0.9


def sheet(*prints: tuple[str, int]) -> Pixels:
    """White paper with texts printed at their left edges."""
    page = np.full((90, 900), 255, np.uint8)
    for text, x in prints:
        cv2.putText(page, text, (x, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2, cv2.LINE_AA)
    return page


def smudged(page: Pixels) -> Pixels:
    """The same run full of ink."""
    return cv2.erode(page, np.ones((5, 5), np.uint8)).astype(np.uint8)


def word(text: str, width: int, sure: float = 0.7, x: int = 98) -> Word:
    return Word(text, (x, 36, width, 28), sure)


@pytest.mark.parametrize(("drawn", "read_as"), [("$", "S"), ("$", "5"), ("$", "$")])
def test_a_dollar_sign_that_stands_alone_is_none_of_the_figures_it_looks_like(
    drawn: str, read_as: str
) -> None:
    found = sign(Asked({0: sheet((drawn, 100))}), 0, word(read_as, 24))
    assert found is not None
    assert found.text == "$"
    assert found.confidence >= SURE


def test_a_figure_is_no_dollar_sign_nor_is_a_smudge_that_may_be_either() -> None:
    assert sign(Asked({0: sheet(("3", 100))}), 0, word("5", 24)) is None
    assert sign(Asked({0: smudged(sheet(("$", 100)))}), 0, word("5", 24)) is None
    assert sign(Asked({0: sheet(("$", 100))}), 0, word("5", 24, 0.95)) is None


def test_a_garbled_dental_code_is_sure_where_two_readers_have_it_alike() -> None:
    codes = [("D0120", 30), ("D0274", 180), ("D2740", 330), ("D1110", 480)]
    words = [word(text, 98, 0.95, x - 2) for text, x in codes]
    words[-1] = replace(words[-1], text="0111U", confidence=0.3)
    text = from_words(0, "tesseract", words)
    plain = sheet(*codes)
    read = dental(Asked({0: plain}), 0, text.lines)[0].words
    assert [(one.text, one.confidence >= SURE) for one in read] == [
        ("D0120", True), ("D0274", True), ("D2740", True), ("D1110", True)
    ]  # fmt: skip
    dark = dental(Asked({0: smudged(plain)}), 0, text.lines)[0].words[-1]
    assert dark.confidence < SURE
