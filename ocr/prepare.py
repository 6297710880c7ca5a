"""From a page image to upright checks: orientation, skew, perspective and resolution by the MICR.

Nothing is assumed of the resolution: the MICR pitch of 1/8 inch tells it. Every region keeps the
map back to the page, so that fields are boxed in the page's own pixels.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from intake.pixels import gray
from intake.types import Box, Page, Pixels
from ocr.check_extent import PERSONAL, Extent, alone_in, extents
from ocr.check_lines import check_lines, score
from ocr.check_region import READING_DPI, CheckRegion, Seen, View, mapped_box, view_of
from ocr.checks_beside import (
    FEWEST_MARKS,
    GUESSED,
    LEAST_HEIGHT,
    LEAST_SIDE,
    free_marks,
    like_digits,
    room_beside,
    taken,
    told_of_others,
)
from ocr.micr import MicrReading, looks_printed_in_e13b, read_line, with_boxes
from ocr.micr_line import (
    find_lines,
    glyph_marks,
    ink_strength,
    is_bitonal,
    mask,
    turned_marks,
)
from ocr.side_by_side import is_one_check
from ocr.straighten import Matrix, flattened_photo, levelled, warped
from ocr.timing import step

__all__ = ["READING_DPI", "CheckRegion", "find_checks", "whole_page_region"]

_WORK_SIDE = 2300.0
_FOOT = 0.4  # of a check's height: its line stands below that
_CHECK_SHAPE = (1.6, 3.5)
_MOST_MARKS = 300  # glyph-sized; checks have 120 to 280, coupons and letters more
# The least ``check_lines.score`` of lines worth a look, by how unlikely it is that one is there.
_UPRIGHT, _ON_SIDE, _BESIDE, _CHANGED = 3.0, 5.0, 6.5, 6.5


def find_checks(page: Page, *, thorough: bool = True) -> tuple[CheckRegion, ...]:
    """Every check whose MICR line reads as one (transit field with a valid ABA number).

    Handles a letter-size page with several checks, a cropped check, all four orientations, a
    photo with perspective, a sheet laid askew, and a mirrored picture of a check (which is marked
    as such). Without ``thorough`` the page is searched only as it lies and turned by quarters.
    Empty when there is none; never raises for odd pixels.
    """
    with step("find"):
        return _find_checks(page, thorough=thorough)


def _find_checks(page: Page, *, thorough: bool) -> tuple[CheckRegion, ...]:
    whole = gray(page.pixels)
    if min(whole.shape) < 40:
        return ()
    seen = _seen(whole, page.dpi)
    found = _find_upright_or_turned(seen)
    if found or not thorough:
        return found
    if not is_bitonal(whole):
        found = _found_in(flattened_photo(whole), changed=False)
    if not found:
        found = _found_in(levelled(seen.whole, seen.strength), changed=True)
    if not found and _check_shaped(whole.shape) and len(seen.marks) <= _MOST_MARKS:
        found = _mirrored(seen)
    return told_of_others(seen, found)


def _found_in(made: tuple[Pixels, Matrix] | None, *, changed: bool) -> tuple[CheckRegion, ...]:
    """The checks of a picture made of the page, with their boxes in the page."""
    if made is None:
        return ()
    picture, to_page = made
    regions = _find_upright_or_turned(_seen(picture, None), changed=changed)
    turned = float(np.degrees(np.arctan2(to_page[1, 0], to_page[0, 0])))
    return tuple(
        replace(_through(region, to_page), skew_degrees=region.skew_degrees + turned)
        for region in regions
    )


def whole_page_region(page: Page) -> CheckRegion:
    """The page itself as one check, where no line was read; fields are read with less trust."""
    whole = gray(page.pixels)
    height, width = whole.shape
    dpi = page.dpi if page.dpi and 50 <= page.dpi <= 1200 else None
    if dpi is None or not 2.0 <= width / dpi <= 10.0:
        dpi = width / PERSONAL[0]
    scale = READING_DPI / dpi
    to_page = np.diag([1 / scale, 1 / scale, 1.0])
    picture = warped(whole, to_page, (round(width * scale), round(height * scale)))
    reading = None
    view = View(ink_strength(picture, READING_DPI), 0, to_page)
    for line in find_lines(glyph_marks(mask(view.strength)), limit=4):
        if looks_printed_in_e13b(view.strength, line):
            reading = read_line(view.strength, line)
            if reading is not None:
                reading = _reading_on_page(reading, view.to_page)
                break
    return CheckRegion((0, 0, width, height), picture, to_page, reading, 0, 0.0, page.dpi)


def _seen(whole: Pixels, dpi: float | None) -> Seen:
    work, scale = _working_copy(whole, dpi)
    strength = ink_strength(work, READING_DPI)
    return Seen(whole, strength, glyph_marks(mask(strength)), scale)


def _find_upright_or_turned(seen: Seen, *, changed: bool = False) -> tuple[CheckRegion, ...]:
    """Look at the page as it is and upside down, then on its sides.

    On a picture that may be one check the line stands near an edge, so that is looked at first.
    Of a picture ``changed`` in an unlikely way only good lines are looked at. Where a check was
    found and another has room beside it, that one is looked for on all sides.
    """
    height, width = seen.strength.shape
    sides = ((0, 2), (1, 3)) if width >= height else ((1, 3), (0, 2))
    alone = _check_shaped(seen.strength.shape)
    for quarter in sides[0] if alone and not changed else ():
        marks = seen.turned(quarter)
        low = marks[:, 1] > (1.0 - _FOOT) * min(height, width)
        found = _regions_of(seen, quarter, marks[low], _UPRIGHT)
        # With a table's margin around it one check takes up a page that two would overfill.
        if found and is_one_check(seen.whole.shape, 1.3 * (found[0].dpi or READING_DPI)):
            return told_of_others(seen, found)
    for quarter in (*sides[0], *sides[1]) if alone else (0, 2, 1, 3):
        least = _CHANGED if changed else _UPRIGHT if quarter in (0, 2) else _ON_SIDE
        found = _regions_of(seen, quarter, seen.turned(quarter), least)
        if found:
            return told_of_others(seen, _with_others(seen, quarter, found))
    return ()


def _with_others(
    seen: Seen, quarter: int, found: tuple[CheckRegion, ...]
) -> tuple[CheckRegion, ...]:
    """The checks found, and those that lie turned another way beside them."""
    shape = seen.strength.shape[0], seen.strength.shape[1]
    for turns in (2, 1, 3) if room_beside(seen, found) else ():
        other = (quarter + turns) % 4
        before = -1
        # What is near the edges that a line does not tell may be of either check.
        for guessed in (0.0, GUESSED):
            free = like_digits(turned_marks(free_marks(seen, found, guessed), shape, other), found)
            if len(free) < FEWEST_MARKS or len(free) == before:
                continue
            before = len(free)
            more = _regions_of(seen, other, free, _BESIDE)
            found = (*found, *(region for region in more if not taken(region, found)))
    return found


def _regions_of(seen: Seen, quarter: int, marks: Matrix, least: float) -> tuple[CheckRegion, ...]:
    """The checks among the marks of one side, whose lines' scores are ``least`` or more."""
    lines = find_lines(marks, limit=8)
    if not lines or score(lines[0]) < least:
        return ()
    view = view_of(seen, quarter)
    refused = seen.refused.setdefault(quarter, [])
    unread = seen.unread.setdefault(quarter, [])
    readings = check_lines(view.strength, lines, refused, least=least, unread=unread)
    return _regions(seen, view, readings) if readings else ()


def _check_shaped(shape: tuple[int, ...]) -> bool:
    """Whether a page has the proportions of one check, or of the envelope around it."""
    long, short = max(shape[:2]), min(shape[:2])
    return _CHECK_SHAPE[0] <= long / max(1, short) <= _CHECK_SHAPE[1]


def _mirrored(seen: Seen) -> tuple[CheckRegion, ...]:
    """A check that only reads in a mirror, as through paper or from a camera turned about."""
    width = seen.strength.shape[1]
    marks = seen.marks.copy()
    marks[:, 0] = width - marks[:, 0] - marks[:, 2]
    other = Seen(
        np.ascontiguousarray(seen.whole[:, ::-1]),
        np.ascontiguousarray(seen.strength[:, ::-1]),
        marks,
        seen.scale,
    )
    back = np.array([[-1, 0, seen.whole.shape[1]], [0, 1, 0], [0, 0, 1]], np.float64)
    return tuple(
        replace(_through(region, back), mirrored=True)
        for region in _find_upright_or_turned(other, changed=True)
    )


def _working_copy(whole: Pixels, dpi: float | None) -> tuple[Pixels, float]:
    """The page near 200 dpi as far as that is known, and its scale.

    A declared resolution counts only where it makes a sheet of a likely size of the picture.
    """
    longest = max(whole.shape)
    scale = 1.0
    if dpi is not None and 90 <= dpi <= 1300 and LEAST_SIDE <= longest / dpi <= 15:
        scale = READING_DPI / dpi if dpi > 1.15 * READING_DPI else 1.0
    elif longest > _WORK_SIDE:
        scale = _WORK_SIDE / longest
    elif longest < 900:
        scale = 2.0
    if scale == 1.0:
        return whole, 1.0
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    work = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=method)
    return np.asarray(work, np.uint8), scale


def _regions(seen: Seen, view: View, readings: list[MicrReading]) -> tuple[CheckRegion, ...]:
    shape = view.strength.shape
    places = extents(readings, shape)
    crowded, several = False, len(readings) > 1
    if not several and is_one_check(shape, readings[0].dpi):
        marks = seen.turned(view.quarter_turns)
        places = [alone_in(places[0], readings[0].dpi, marks, view.strength)]
        crowded = places[0] != Extent(0.0, 0.0, float(shape[1]), float(shape[0]))
    return tuple(
        replace(
            _region(seen.whole, view, reading, place),
            crowded=crowded or (several and place.bottom - place.top < LEAST_HEIGHT * reading.dpi),
        )
        for reading, place in zip(readings, places, strict=True)
    )


def _region(whole: Pixels, view: View, reading: MicrReading, place: Extent) -> CheckRegion:
    """The check around its line."""
    dpi = reading.dpi
    left, top, right, bottom = place.left, place.top, place.right, place.bottom
    slope = reading.line.slope
    scale = dpi / READING_DPI
    size = (max(8, round((right - left) / scale)), max(8, round((bottom - top) / scale)))
    # Turn about the middle of the region, so that a skewed check stays inside its crop.
    angle = float(np.arctan(slope))
    cos, sin = float(np.cos(angle)) * scale, float(np.sin(angle)) * scale
    centre = np.array([(left + right) / 2, (top + bottom) / 2])
    half = np.array([size[0] / 2, size[1] / 2])
    offset = centre - np.array([[cos, -sin], [sin, cos]]) @ half
    to_view = np.array([[cos, -sin, offset[0]], [sin, cos, offset[1]], [0, 0, 1]], np.float64)
    to_page = view.to_page @ to_view
    return CheckRegion(
        _inside(mapped_box(to_page, (0, 0, *size)), whole),
        warped(whole, to_page, size),
        to_page,
        _reading_on_page(reading, view.to_page),
        view.quarter_turns,
        float(np.degrees(angle)),
        dpi * float(np.hypot(view.to_page[0, 0], view.to_page[0, 1])),
    )


def _inside(box: Box, whole: Pixels) -> Box:
    x, y = max(0, box[0]), max(0, box[1])
    right, bottom = min(whole.shape[1], box[0] + box[2]), min(whole.shape[0], box[1] + box[3])
    return x, y, max(1, right - x), max(1, bottom - y)


def _reading_on_page(reading: MicrReading, to_page: Matrix) -> MicrReading:
    """The same reading with all boxes in page pixels."""
    return with_boxes(reading, lambda box: mapped_box(to_page, box))


def _through(region: CheckRegion, to_photo: Matrix) -> CheckRegion:
    """A region found on a flattened photo, with its boxes in the photo."""
    reading = region.micr
    return replace(
        region,
        box=mapped_box(to_photo, region.box),
        to_page=to_photo @ region.to_page,
        micr=None if reading is None else _reading_on_page(reading, to_photo),
    )
