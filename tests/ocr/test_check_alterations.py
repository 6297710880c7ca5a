"""Amounts whose figures were written with two inks are told, and others are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from intake.types import Page, Pixels
from ocr.check_alterations import alterations
from ocr.check_layout import Sheet
from ocr.prepare import CheckRegion, gray

BLUE, BLACK, BROWN = (150, 60, 30), (40, 38, 40), (40, 80, 130)
PLACE = (100, 60, 320, 60)
Ink = tuple[int, int, int]


def page(text: str, inks: list[Ink]) -> Page:
    pixels = np.full((240, 560, 3), (225, 232, 228), np.uint8)
    for place, (figure, ink) in enumerate(zip(text, inks, strict=True)):
        at = (PLACE[0] + 12 + 36 * place, PLACE[1] + 48)
        cv2.putText(pixels, figure, at, cv2.FONT_HERSHEY_SIMPLEX, 1.4, ink, 4)
    noise = np.random.default_rng(3).normal(0, 3, pixels.shape)
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8).astype(np.float32) + noise
    _, encoded = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8))
    return Page(0, np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8), 200.0)


def told(shown: Page) -> list[str]:
    plain: Pixels = gray(shown.pixels)
    high, wide = plain.shape[:2]
    region = CheckRegion((0, 0, wide, high), plain, np.eye(3), None, 0, 0.0, 200.0)
    sheet = Sheet(plain, (), (), (), high)
    return [warning.code for warning in alterations(sheet, shown, region, PLACE)]


@pytest.mark.parametrize("ink", [BLUE, BLACK])
def test_an_amount_in_one_ink_is_not_suspected(ink: Ink) -> None:
    assert told(page("118000", [ink] * 6)) == []


def test_figures_in_another_ink_are_suspected() -> None:
    assert told(page("118000", [BLUE, BLACK, BLACK, BLUE, BLUE, BLUE])) == ["alteration_suspected"]


def test_a_printed_dollar_sign_in_another_colour_is_no_alteration() -> None:
    assert told(page("S18000", [BROWN, *[BLACK] * 5])) == []


def test_nothing_is_told_of_a_page_without_colour() -> None:
    shown = page("118000", [BLUE, BLACK, BLACK, BLUE, BLUE, BLUE])
    assert told(Page(0, gray(shown.pixels), 200.0)) == []
