"""A page that holds more than one check loses none silently, and mixes no two."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from bench.checks.cases import Case, case
from intake.pixels import gray
from intake.types import Page
from ocr.check import read_check
from ocr.prepare import CheckRegion, find_checks

SEED = 8128
CAPTURES = ("gray_200", "g4_200")
PLACES = {
    "one above the other": ((0, 0), (0, 1)),
    "feet to feet": ((0, 0), (2, 1)),
    "head to head": ((2, 0), (0, 1)),
    "both upside down": ((2, 0), (2, 1)),
    "turned to the left": ((0, 0), (1, 2)),
    "turned to the right": ((0, 0), (3, 2)),
    "side by side": ((0, 0), (0, 2)),
    "side by side, one upside down": ((2, 0), (0, 2)),
}
"""Quarter turns of either check, and where: 0 first, 1 below it, 2 to its right."""


@cache
def two_checks(capture: str, *, alike: bool = False) -> tuple[Case, Case]:
    """Two upright checks in one kind of capture, personal ones if they are to be ``alike``."""
    numbers = {"gray_200": (6, 26 if alike else 20), "g4_200": (10, 15)}
    one, other = (case(SEED, number) for number in numbers[capture])
    assert {one.capture, other.capture} == {capture}
    assert not one.turned + other.turned
    return one, other


def laid(capture: str, place: str, *, swapped: bool, gap: int = 40) -> np.ndarray:
    pair = two_checks(capture)[:: -1 if swapped else 1]
    page = np.full((2400, 3600), 250 if capture == "gray_200" else 255, np.uint8)
    right = low = 0
    for (turns, where), one in zip(PLACES[place], pair, strict=True):
        picture = np.rot90(gray(one.page.pixels), turns)
        x, y = right + gap if where == 2 else 0, low + gap if where == 1 else 0
        page[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
        right, low = max(right, x + picture.shape[1]), max(low, y + picture.shape[0])
    return np.ascontiguousarray(page[:low, :right])


def regions_of(pixels: np.ndarray) -> tuple[CheckRegion, ...]:
    return find_checks(Page(0, np.ascontiguousarray(pixels), 200.0))


def lines_of(regions: tuple[CheckRegion, ...]) -> list[str]:
    return sorted(region.micr.text for region in regions if region.micr is not None)


def truths(capture: str) -> list[str]:
    return sorted(one.truth["micr_line"] for one in two_checks(capture))


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("swapped", [False, True])
def test_both_checks_of_a_page_are_found(capture: str, place: str, *, swapped: bool) -> None:
    regions = regions_of(laid(capture, place, swapped=swapped))
    assert lines_of(regions) == truths(capture)
    assert not any(region.crowded for region in regions)


@pytest.mark.parametrize("capture", CAPTURES)
def test_checks_that_touch_on_one_baseline_keep_to_their_own_width(capture: str) -> None:
    page = laid(capture, "side by side", swapped=False, gap=0)
    regions = sorted(regions_of(page), key=lambda region: region.box[0])
    assert lines_of(tuple(regions)) == truths(capture)
    edge = gray(two_checks(capture)[0].page.pixels).shape[1]
    left, right = regions
    assert left.box[0] + left.box[2] < edge + 40
    assert right.box[0] > edge - 40


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("place", ["one above the other", "feet to feet", "side by side"])
def test_a_check_whose_routing_number_is_spoiled_is_told_of(capture: str, place: str) -> None:
    page = laid(capture, place, swapped=False)
    spoiled = regions_of(page)[0]
    assert spoiled.micr is not None
    assert spoiled.micr.routing_number is not None
    x, y, width, height = spoiled.micr.routing_number.box
    digit = round(width / 9)
    page[y - 2 : y + height + 2, x + 3 * digit : x + 4 * digit] = 255
    regions = regions_of(page)
    assert len(regions) == 1
    assert regions[0].crowded


def behind(capture: str, right: int, down: int) -> np.ndarray:
    """A personal check upon another, of which an edge shows."""
    front, other = (gray(one.page.pixels) for one in two_checks(capture, alike=True))
    spots = [(max(0, -right), max(0, -down)), (max(0, right), max(0, down))]
    width, height = (
        max(
            picture.shape[1 - axis] + spot[axis]
            for picture, spot in zip((front, other), spots, strict=True)
        )
        for axis in (0, 1)
    )
    page = np.full((height, width), 235 if capture == "gray_200" else 255, np.uint8)
    for picture, (x, y) in ((other, spots[1]), (front, spots[0])):
        page[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return page


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize(("right", "down"), [(60, 90), (-60, -100), (140, 0)])
def test_a_check_behind_another_is_told_of(capture: str, right: int, down: int) -> None:
    regions = regions_of(behind(capture, right, down))
    assert two_checks(capture, alike=True)[0].truth["micr_line"] in lines_of(regions)
    assert regions[-1].crowded


def test_the_line_of_a_check_behind_never_goes_with_the_amount_before_it() -> None:
    front, other = two_checks("gray_200", alike=True)
    readings = read_check(Page(0, behind("gray_200", 60, 90), 200.0))
    assert len(readings) == 2
    for reading in readings:
        line, amount = reading.fields["micr_line"], reading.fields["amount_cents"]
        assert line is not None
        if line.value == front.truth["micr_line"]:
            right = front.truth["amount_cents"]
            assert amount is None or amount.confidence < 0.9 or amount.value == right
        else:
            assert line.value == other.truth["micr_line"]
            assert amount is None or amount.confidence < 0.9
            assert "several_checks" in {warning.code for warning in reading.warnings}


def test_nothing_is_sure_of_a_check_that_another_may_lie_beside() -> None:
    (reading,) = read_check(Page(0, behind("gray_200", -60, -100), 200.0))
    assert "several_checks" in {warning.code for warning in reading.warnings}
    assert all(field is None or field.confidence < 0.9 for field in reading.fields.values())


def test_one_check_alone_is_not_said_to_have_company() -> None:
    for capture in CAPTURES:
        for one in two_checks(capture):
            (region,) = find_checks(one.page)
            assert not region.crowded
            assert region.box == (0, 0, *one.page.pixels.shape[1::-1])
