"""A check with VOID or SPECIMEN across it is never sure; honest words of voidness void nothing."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from bench.checks.cases import Case, cases
from intake.pixels import gray
from intake.types import Page, Pixels
from ocr.check_void import foreign_or_void
from ocr.read import read_pages
from ocr.types import Reading
from web.demo.fonts import BOLD
from web.demo.sheet import Sheet


def stamped(pixels: Pixels, dpi: float, word: str, points: float, ink: int = 60) -> Pixels:
    """The picture with a word across its middle, turned by 12 degrees."""
    sheet = Sheet(4.5, 1.2, round(dpi))
    sheet.text(2.25, 0.95, word, face=BOLD, pt=points, fill=(ink, ink, ink), anchor="m")
    turned = sheet.image.rotate(12, expand=True, fillcolor=(255, 255, 255)).convert("L")
    stamp = np.asarray(turned, np.uint8)
    picture = gray(pixels).copy()
    y, x = round(0.35 * dpi), round(0.6 * dpi)
    part = picture[y : y + stamp.shape[0], x : x + stamp.shape[1]]
    np.minimum(part, stamp[: part.shape[0], : part.shape[1]], out=part)
    return picture


def read(page: Page) -> Reading:
    (reading,) = read_pages([page], single_envelope=True)
    return reading


@cache
def a_case() -> Case:
    """A check in shades of gray; drawn when a test asks for it, not by every run that collects."""
    return next(case for case in cases(12, 12) if case.capture in ("gray_200", "gray_300"))


@pytest.mark.parametrize(("word", "points"), [("VOID", 60), ("V O I D", 24), ("SPECIMEN", 40)])
def test_a_word_across_a_check_leaves_no_amount_sure(word: str, points: float) -> None:
    case = a_case()
    dpi = case.page.dpi or 200.0
    page = Page(0, stamped(case.page.pixels, dpi, word, points), case.page.dpi)
    reading = read(page)
    assert "void" in {w.code for w in reading.warnings}
    assert reading.confidence < 0.9
    amount = reading.fields["amount_cents"]
    assert amount is None or amount.confidence < 0.9


def test_the_hidden_word_of_security_paper_voids_nothing() -> None:
    """Screened, and repeated: copies of such paper show it in gray."""
    case = a_case()
    picture = gray(case.page.pixels).copy()
    screen = np.full_like(picture, 255)
    dots = (np.indices(picture.shape).sum(axis=0) % 4 < 2) & (np.indices(picture.shape)[0] % 3 < 2)
    for y in range(120, picture.shape[0], 190):
        for x in range(40, picture.shape[1], 330):
            cv2.putText(screen, "VOID", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 3.0, 150, 18)
    picture = np.where(dots, np.minimum(picture, screen), picture)
    reading = read(Page(0, np.asarray(picture, np.uint8), case.page.dpi))
    assert "void" not in {w.code for w in reading.warnings}


@pytest.mark.parametrize(
    "text",
    [
        "VOID AFTER 90 DAYS", "Void if not cashed in 180 days", "VOID IF AMOUNT OVER 500.00",
        "Not valid over $500.00", "the word VOID appears when copied", "Canadian Lakes Dental",
        "Canadian Imperial Bank of Commerce", "One hundred twenty-five and 00/100 DOLLARS",
        "VOID 90 DAYS FROM DATE OF ISSUE", "EURO CAFE", "100 Pounds Road", "AVOID FOLDING",
    ],
)  # fmt: skip
def test_words_of_honest_checks(text: str) -> None:
    assert foreign_or_void(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("VOID", "void"), ("V O I D", "void"), ("* SPECIMEN *", "void"),
        ("One hundred twenty five and 00/100 void", "void"),
        ("Minus one hundred twenty five and 00/100", "void"),
        ("One hundred fifty and 00/100 Canadian", "foreign"), ("150.00 CAD", "foreign"),
        ("One hundred fifty Euros and 00/100", "foreign"),
    ],
)  # fmt: skip
def test_words_that_make_an_amount_none_of_ours(text: str, said: str) -> None:
    assert foreign_or_void(text) == said
