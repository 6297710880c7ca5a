"""Checks are found upright, turned, skewed, several on a page and in a photo, with true boxes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from intake.types import Page
from ocr.e13b import render_line
from ocr.prepare import CheckRegion, find_checks

LINE = "A021000021A 987654321C 1024"


def drawn_check(dpi: int = 200, serial: str = "1024") -> np.ndarray:
    """6 x 2.75 inches with a line at its place and a frame of text."""
    picture = np.full((round(2.75 * dpi), 6 * dpi), 246, np.uint8)
    for number, text in enumerate(("Maria Example", "12 High St", "Dayton, OH 45402")):
        cv2.putText(picture, text, (50, 60 + 36 * number), 2, dpi / 250, 30, 2)
    cv2.line(picture, (180, dpi), (4 * dpi, dpi), 40, 2)
    strip = render_line(LINE.replace("1024", serial), dpi)
    bottom = picture.shape[0] - round(3 / 16 * dpi)
    # The closing transit symbol (11th) ends 4 5/16 inches from the right edge.
    left = picture.shape[1] - round(4.3125 * dpi) - round(11 * 0.125 * dpi)
    area = picture[bottom - strip.shape[0] : bottom, left : left + strip.shape[1]]
    np.minimum(area, strip, out=area)
    return picture


def only(pixels: np.ndarray, dpi: float | None = None) -> CheckRegion:
    regions = find_checks(Page(0, np.ascontiguousarray(pixels), dpi))
    assert len(regions) == 1
    return regions[0]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("dpi", [200, 300])
def test_a_check_is_found_in_every_orientation(turns: int, dpi: int) -> None:
    region = only(np.rot90(drawn_check(dpi), turns))
    assert region.micr is not None
    assert region.micr.text == LINE.replace(" ", "")
    assert region.dpi is not None
    assert abs(region.dpi / dpi - 1) < 0.03
    height, width = region.pixels.shape
    assert abs(width - 1200) < 40
    assert abs(height - 550) < 30
    assert region.pixels[: height // 3, : width // 2].min() < 100  # the payer's name is on top


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_boxes_map_back_to_the_page_as_given(turns: int) -> None:
    page = np.ascontiguousarray(np.rot90(drawn_check(), turns))
    region = only(page)
    assert region.micr is not None
    assert region.micr.routing_number is not None
    x, y, width, height = region.micr.routing_number.box
    ink = (page < 128).astype(int)
    inside = ink[y : y + height, x : x + width].sum()
    outer = ink[max(0, y - 6) : y + height + 6, max(0, x - 2) : x + width + 2].sum()
    assert inside > 600
    assert outer - inside < 0.06 * inside


def test_three_skewed_checks_on_a_letter_page_are_told_apart() -> None:
    page = np.full((2200, 1700), 255, np.uint8)
    for number, (top, left) in enumerate(((80, 100), (800, 300), (1500, 200))):
        check = drawn_check(serial=f"100{number}")
        page[top : top + check.shape[0], left : left + check.shape[1]] = check
    turn = cv2.getRotationMatrix2D((850, 1100), 1.5, 1)
    page = np.asarray(cv2.warpAffine(page, turn, (1700, 2200), borderValue=255.0), np.uint8)
    regions = find_checks(Page(0, page))
    assert [r.micr.text[-4:] for r in regions if r.micr] == ["1000", "1001", "1002"]
    tops = [region.box[1] for region in regions]
    assert tops == sorted(tops)
    assert all(abs(region.skew_degrees + 1.5) < 0.3 for region in regions)


def test_a_photo_at_an_angle_is_flattened() -> None:
    check = drawn_check()
    height, width = check.shape
    table = np.full((1400, 1900), 60, np.uint8)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[300, 380], [1620, 300], [1690, 900], [250, 1010]], np.float32)
    view = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(
        check, view, (1900, 1400), dst=table, borderMode=cv2.BORDER_TRANSPARENT
    )
    region = only(np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.8), np.uint8))
    assert region.micr is not None
    assert region.micr.text == LINE.replace(" ", "")


def turned_by(picture: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned on white paper, all of it kept."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(width * cos + height * sin), round(width * sin + height * cos)
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.asarray(cv2.warpAffine(picture, turn, size, borderValue=246.0), np.uint8)


@pytest.mark.parametrize("degrees", [3.6, -7.0, 14.0, 187.0, 98.0])
def test_a_check_scanned_askew_is_read_level(degrees: float) -> None:
    region = only(turned_by(drawn_check(), degrees))
    assert region.micr is not None
    assert region.micr.text == LINE.replace(" ", "")
    askew = abs((degrees + 45) % 90 - 45)
    assert abs(abs(region.skew_degrees) - askew) < 0.4
    assert not region.mirrored


@pytest.mark.parametrize("declared", [None, 0.0, 1.0, 72.0, 96.0, 150.0, 1200.0])
def test_a_wrong_resolution_in_the_file_does_no_harm(declared: float | None) -> None:
    region = only(drawn_check(240), declared)
    assert region.micr is not None
    assert region.micr.text == LINE.replace(" ", "")
    assert region.dpi is not None
    assert abs(region.dpi / 240 - 1) < 0.03


def test_the_resolution_of_a_large_scan_is_that_of_the_page() -> None:
    region = only(drawn_check(300), 300.0)
    assert region.dpi is not None
    assert abs(region.dpi / 300 - 1) < 0.03


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_mirrored_check_is_set_right_and_marked(turns: int) -> None:
    page = np.ascontiguousarray(np.rot90(drawn_check()[:, ::-1], turns))
    region = only(page)
    assert region.mirrored
    assert region.micr is not None
    assert region.micr.text == LINE.replace(" ", "")
    assert region.pixels[: region.pixels.shape[0] // 3, : region.pixels.shape[1] // 2].min() < 100
    assert region.micr.routing_number is not None
    x, y, width, height = region.micr.routing_number.box
    ink = page < 128
    assert ink[y : y + height, x : x + width].sum() > 600


def test_a_photo_in_shadow_is_found() -> None:
    check = drawn_check()
    height, width = check.shape
    table = np.full((1000, 1700), 70, np.uint8)
    table[200 : 200 + height, 250 : 250 + width] = check
    shade = 0.45 + 0.55 / (1 + np.exp(-14 * (np.linspace(0, 1, 1700) - 0.5)))
    region = only((table * shade).astype(np.uint8))
    assert region.micr is not None
    assert region.micr.text == LINE.replace(" ", "")


def test_pages_without_a_check_give_none() -> None:
    assert find_checks(Page(0, np.full((2200, 1700), 255, np.uint8))) == ()
    assert find_checks(Page(0, np.zeros((10, 10), np.uint8))) == ()
    letter = np.full((2200, 1700), 255, np.uint8)
    for row in range(100, 2100, 50):
        cv2.putText(letter, "D0120 021000021 125.00 98.00 27.00", (100, row), 2, 1.1, 0, 2)
    assert find_checks(Page(0, letter)) == ()
