"""OCR-A rows are read by templates or not at all: no check digit vouches for a doubtful digit."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import pytest

from bench.scanlines.drawing import DECOYS, TROUBLES, draw
from intake.types import Pixels
from ocr import ocr_a
from ocr.ocr_a_shapes import DIGITS, templates
from ocr.scanline import CouponNumbers, scanline
from ocr.scanline_finder import find_scanline
from ocr.values import luhn_digit, luhn_valid
from web.demo.group import make_group
from web.demo.sheet import Sheet
from web.demo.symbols import ocr_a as print_ocr_a

NUMBERS = CouponNumbers("5761785244", "8340998825", 5700)
GROUP = make_group(3, accounts=40)


def printed(text: str, dpi: int = 200) -> Pixels:
    sheet = Sheet(8.5, 1.0, dpi)
    print_ocr_a(sheet, 3.0, 0.6, text)
    return cv2.cvtColor(sheet.pixels(), cv2.COLOR_RGB2GRAY).astype(np.uint8)


def turned(pixels: Pixels, degrees: float) -> Pixels:
    rows, cols = pixels.shape
    matrix = cv2.getRotationMatrix2D((cols / 2, rows / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(pixels, matrix, (cols, rows), borderValue=(255,)), np.uint8)


def test_no_digits_template_is_much_like_anothers() -> None:
    for prints in templates():
        alike = prints @ prints.T - 2 * np.eye(len(DIGITS))
        assert alike.max() < 0.9


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("degrees", [-2.0, 0.0, 2.0])
@pytest.mark.parametrize("bitonal", [False, True])
def test_a_printed_line_is_read(dpi: int, degrees: float, bitonal: bool) -> None:
    pixels = turned(printed(scanline(NUMBERS), dpi), degrees)
    if bitonal:
        pixels = np.where(pixels > 140, 255, 0).astype(np.uint8)
    seen = find_scanline(pixels, dpi)
    assert seen is not None
    assert (seen.numbers, seen.how) == (NUMBERS, "ocr_a")


def test_the_resolution_need_not_be_known() -> None:
    seen = find_scanline(printed(scanline(NUMBERS), 240), None)
    assert seen is not None
    assert seen.numbers == NUMBERS


@pytest.mark.parametrize("place", [0, 5, 12, 23, 30])
def test_a_line_with_a_digit_changed_is_not_repaired(place: int) -> None:
    text = scanline(NUMBERS)
    changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
    assert find_scanline(printed(changed), 200) is None


@pytest.mark.parametrize("text", ["1" + scanline(NUMBERS), scanline(NUMBERS) + "0",
                                  scanline(NUMBERS)[1:], scanline(NUMBERS)[:-1]])  # fmt: skip
def test_a_digit_more_or_less_is_no_scanline(text: str) -> None:
    assert find_scanline(printed(text), 200) is None


def test_two_digits_covered_are_not_filled_in_from_the_check_digit() -> None:
    pixels = printed(scanline(NUMBERS))
    for place in (3, 15):
        x = round((3.0 + place * 0.1) * 200)
        pixels[102:118, x : x + 8] = 0
    assert find_scanline(pixels, 200) is None


def test_drawn_coupons_are_read_right_or_not() -> None:
    for index in range(len(TROUBLES)):
        drawn = draw(GROUP, 5, index)
        seen = find_scanline(drawn.page.pixels, drawn.page.dpi)
        assert seen is None or seen.numbers == drawn.numbers
        assert not (seen and drawn.trouble in DECOYS)
        ordinary = drawn.trouble in {"scan", "skew", "noise", "blur", "light", "jpeg"}
        if ordinary and drawn.face != "plain":
            assert seen is not None, drawn.trouble


def test_the_likeliest_number_with_a_right_check_digit_is_the_one_of_all() -> None:
    chance = np.random.default_rng(4)
    chances = chance.dirichlet(np.full(10, 0.3), 4)
    valid = [d for d in product(range(10), repeat=4) if luhn_valid("".join(map(str, d)))]
    worth = {d: float(np.prod([chances[n, each] for n, each in enumerate(d)])) for d in valid}
    best = max(worth, key=lambda d: worth[d])
    digits, share = ocr_a.best_checked(chances)
    assert tuple(digits) == best
    assert share == pytest.approx(worth[best] / sum(worth.values()))


def test_a_check_digit_holds_of_what_is_taken() -> None:
    chances = np.full((5, 10), 0.01)
    for place, digit in enumerate((4, 7, 1, 3, int(luhn_digit("4713")))):
        chances[place, digit] = 0.91
    digits, share = ocr_a.best_checked(chances)
    assert luhn_valid("".join(map(str, digits)))
    assert share > 0.9
