"""Alterations of a check are told with their place, and honest writing is not suspected."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.checks.altered import HOWS, Altered, altered, altered_case
from bench.checks.cases import case, is_handwritten
from intake.pixels import gray
from intake.types import Box, Page, Pixels
from ocr.check_alterations import alterations
from ocr.check_layout import Sheet
from ocr.prepare import CheckRegion

BLUE, BLACK, BROWN = (150, 60, 30), (40, 38, 40), (40, 80, 130)
PLACE = (100, 100, 320, 60)
Ink = tuple[int, int, int]


def page(text: str, inks: list[Ink], pressed: int | None = None) -> Page:
    pixels = paper()
    for place, (figure, ink) in enumerate(zip(text, inks, strict=True)):
        for aside in (0, 2, 4, 6) if place == pressed else (0,):
            at = (PLACE[0] + 12 + 44 * place + aside, PLACE[1] + 48 - aside)
            cv2.putText(pixels, figure, at, cv2.FONT_HERSHEY_SIMPLEX, 1.4, ink, 2)
    return scanned(pixels)


def paper() -> Pixels:
    pixels = np.full((560, 1200, 3), (215, 224, 220), np.uint8)
    pixels[:, :, 1] -= ((np.arange(560)[:, None] // 6 + np.arange(1200) // 9) % 2 * 8).astype(
        np.uint8
    )
    for place in range(30):  # the line at the foot: real checks have ink elsewhere too
        cv2.putText(pixels, "8", (40 + 30 * place, 530), cv2.FONT_HERSHEY_SIMPLEX, 0.7, BLACK, 3)
    return pixels


def scanned(pixels: Pixels) -> Page:
    noise = np.random.default_rng(3).normal(0, 3, pixels.shape)
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8).astype(np.float32) + noise
    _, encoded = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8))
    return Page(0, np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8), 200.0)


def told(shown: Page, place: str = "numerals", box: Box = PLACE) -> list[str]:
    plain: Pixels = gray(shown.pixels)
    high, wide = plain.shape[:2]
    region = CheckRegion((0, 0, wide, high), plain, np.eye(3), None, 0, 0.0, 200.0)
    sheet = Sheet(np.asarray(255 - region.strength, np.uint8), (), (), (), high)
    found = alterations(sheet, shown, region, {place: box}, by_hand=True)
    assert all(warning.code == "alteration_suspected" for warning in found)
    return [warning.message for warning in found]


@pytest.mark.parametrize("ink", [BLUE, BLACK])
def test_an_amount_in_one_ink_is_not_suspected(ink: Ink) -> None:
    assert told(page("118000", [ink] * 6)) == []


def test_figures_in_another_ink_are_suspected() -> None:
    (message,) = told(page("118000", [BLUE, BLACK, BLACK, BLUE, BLUE, BLUE]))
    assert "two colours" in message


def test_a_printed_dollar_sign_in_another_colour_is_no_alteration() -> None:
    assert told(page("S18000", [BROWN, *[BLACK] * 5])) == []


def test_inks_are_not_told_apart_without_colour() -> None:
    shown = page("118000", [BLUE, BLACK, BLACK, BLUE, BLUE, BLUE])
    assert told(Page(0, gray(shown.pixels), 200.0)) == []


def test_a_figure_much_heavier_than_the_others_is_suspected() -> None:
    (message,) = told(page("118300", [BLACK] * 6, pressed=3))
    assert "written over" in message
    assert told(page("118300", [BLACK] * 6)) == []


def test_a_bold_first_mark_may_be_the_printed_sign() -> None:
    assert told(page("S18300", [BLACK] * 6, pressed=0)) == []


def test_a_white_patch_on_patterned_paper_is_suspected() -> None:
    pixels = paper()
    cv2.line(pixels, (170, 200), (410, 204), (250, 250, 250), 30)
    cv2.line(pixels, (180, 222), (430, 220), (250, 250, 250), 30)
    cv2.putText(pixels, "J. Miller", (180, 226), cv2.FONT_HERSHEY_SIMPLEX, 1.2, BLACK, 3)
    (message,) = told(scanned(pixels), "payee")
    assert "payee" in message


def test_an_outlined_white_panel_is_no_patch() -> None:
    pixels = paper()
    cv2.rectangle(pixels, (110, 94), (430, 166), (255, 255, 255), -1)
    cv2.rectangle(pixels, (110, 94), (430, 166), (90, 60, 60), 2)
    cv2.putText(pixels, "$ 118.00", (130, 146), cv2.FONT_HERSHEY_SIMPLEX, 1.2, BLACK, 3)
    assert told(scanned(pixels)) == []


def test_a_line_through_what_is_written_is_suspected() -> None:
    pixels = paper()
    cv2.putText(pixels, "one hundred", (110, 148), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, BLACK, 3)
    plain = scanned(pixels.copy())
    cv2.line(pixels, (100, 138), (420, 132), BLACK, 3)
    box = (108, 100, 300, 60)
    (message,) = told(scanned(pixels), "words", box)
    assert "struck" in message
    assert told(plain, "words", box) == []


def test_a_form_line_under_the_writing_is_not_taken_for_a_strike() -> None:
    pixels = paper()
    cv2.putText(pixels, "one hundred", (110, 148), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, BLACK, 3)
    cv2.line(pixels, (20, 150), (740, 150), BLACK, 2)
    assert told(scanned(pixels), "words", (108, 100, 300, 60)) == []


def test_altered_checks_are_reproducible_and_keep_all_else() -> None:
    first = next(altered(12, 1))
    assert isinstance(first, Altered)
    index = next(k for k in range(20) if is_handwritten(12, k))
    again = altered_case(12, index, HOWS[0])
    assert np.array_equal(first.case.page.pixels, again.case.page.pixels)
    honest = case(12, index)
    assert honest.truth == first.case.truth
    assert honest.capture == first.case.capture
