"""From a page image to upright checks: orientation, skew, perspective and resolution by the MICR.

Nothing is assumed of the resolution: the MICR pitch of 1/8 inch tells it. Every region keeps the
map back to the page, so that fields are boxed in the page's own pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Page, Pixels
from ocr.micr import MicrPart, MicrReading, looks_printed_in_e13b, read_line
from ocr.micr_line import (
    MicrLine,
    find_lines,
    glyph_marks,
    ink_strength,
    is_bitonal,
    mask,
    turned_marks,
)

READING_DPI = 200.0
_WORK_SIDE = 2300.0
_TRANSIT_TO_EDGE = 4.3125  # inches from the closing transit symbol to the check's right edge
_LINE_TO_EDGE = 0.254  # inches from the digits' feet to the check's lower edge
_PERSONAL = (6.0, 2.75)
_BUSINESS = (8.5, 3.5)
_LARGEST_CHECK = (9.2, 4.4)  # inches; a picture no larger than this is one check
_SLACK = 0.06
_MAX_MISSES = 3  # likely lines that prove to be other type before a side is given up

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class CheckRegion:
    """One check of a page, upright at 200 dpi.

    ``pixels`` is gray; ``to_page`` (3 x 3) maps its points to the page; ``box`` is the region in
    page pixels. ``micr`` has its boxes in page pixels, None when no line was read. ``dpi`` is
    the page's resolution by the MICR pitch (or as declared), None when neither is known.
    """

    box: Box
    pixels: Pixels
    to_page: Matrix
    micr: MicrReading | None
    quarter_turns: int
    skew_degrees: float
    dpi: float | None

    def page_box(self, box: Box) -> Box:
        """A box of ``pixels`` as the upright box around it in the page."""
        return mapped_box(self.to_page, box)

    @cached_property
    def strength(self) -> Pixels:
        """Ink strength of ``pixels`` (see ``ocr.micr_line.ink_strength``)."""
        return ink_strength(self.pixels, READING_DPI)

    @cached_property
    def micr_top(self) -> int:
        """The y in ``pixels`` above which the fields stand (the top of the MICR band)."""
        if self.micr is None:
            return int(self.pixels.shape[0] - 0.55 * READING_DPI)
        x, y, width, height = self.micr.box
        back = np.asarray(np.linalg.inv(self.to_page), np.float64)
        top = mapped_box(back, (x, y, width, height))[1]
        return int(min(max(1, top - 4), self.pixels.shape[0]))


@dataclass(frozen=True, slots=True)
class _View:
    """The page turned by quarter turns at working scale, and the map back to the page."""

    strength: Pixels
    quarter_turns: int
    to_page: Matrix


def gray(pixels: Pixels) -> Pixels:
    """One channel, 0 black."""
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def mapped_box(matrix: Matrix, box: Box) -> Box:
    """The upright box around ``box`` after a 3 x 3 map."""
    x, y, width, height = box
    corners = np.array(
        [[x, y, 1], [x + width, y, 1], [x, y + height, 1], [x + width, y + height, 1]], np.float64
    )
    points = corners @ matrix.T
    points = points[:, :2] / points[:, 2:]
    low, high = np.floor(points.min(axis=0) + 1e-6), np.ceil(points.max(axis=0) - 1e-6)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def find_checks(page: Page) -> tuple[CheckRegion, ...]:
    """Every check whose MICR line reads as one (transit field with a valid ABA number).

    Handles a letter-size page with several checks, a cropped check, all four orientations, and a
    photo with perspective. Empty when there is none; never raises for odd pixels.
    """
    whole = gray(page.pixels)
    if min(whole.shape) < 40:
        return ()
    found = _find_upright_or_turned(whole, page.dpi)
    if found or is_bitonal(whole):
        return found
    flat = flattened_photo(whole)
    if flat is None:
        return ()
    picture, to_photo = flat
    return tuple(_through(region, to_photo) for region in _find_upright_or_turned(picture, None))


def whole_page_region(page: Page) -> CheckRegion:
    """The page itself as one check, where no line was read; fields are read with less trust."""
    whole = gray(page.pixels)
    height, width = whole.shape
    dpi = page.dpi if page.dpi and 50 <= page.dpi <= 1200 else None
    if dpi is None or not 2.0 <= width / dpi <= 10.0:
        dpi = width / _PERSONAL[0]
    scale = READING_DPI / dpi
    to_page = np.diag([1 / scale, 1 / scale, 1.0])
    picture = _warped(whole, to_page, (round(width * scale), round(height * scale)))
    reading = None
    view = _View(ink_strength(picture, READING_DPI), 0, to_page)
    for line in find_lines(glyph_marks(mask(view.strength)), limit=4):
        if looks_printed_in_e13b(view.strength, line):
            reading = read_line(view.strength, line)
            if reading is not None:
                reading = _reading_on_page(reading, view.to_page)
                break
    return CheckRegion((0, 0, width, height), picture, to_page, reading, 0, 0.0, page.dpi)


def _find_upright_or_turned(whole: Pixels, dpi: float | None) -> tuple[CheckRegion, ...]:
    """Look at the page as it is and upside down, then on its sides."""
    work, scale = _working_copy(whole, dpi)
    strength = ink_strength(work, READING_DPI)
    marks = glyph_marks(mask(strength))
    for turns in ((0, 2), (1, 3)):
        for quarter in turns:
            lines = find_lines(turned_marks(marks, work.shape, quarter), limit=8)
            if not lines:
                continue
            view = _view(strength, quarter, scale)
            readings = _check_lines(view.strength, lines)
            if readings:
                return _regions(whole, view, readings)
    return ()


def _working_copy(whole: Pixels, dpi: float | None) -> tuple[Pixels, float]:
    """The page near 200 dpi as far as that is known, and its scale."""
    longest = max(whole.shape)
    scale = 1.0
    if dpi is not None and 90 <= dpi <= 1300 and longest / dpi <= 15:
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


def _view(strength: Pixels, quarter: int, scale: float) -> _View:
    height, width = strength.shape
    back = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, -1, width], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, 1, 0], [-1, 0, height]],
    }[quarter]
    to_page = np.diag([1 / scale, 1 / scale, 1.0]) @ np.array([*back, [0, 0, 1]], np.float64)
    turned = strength if quarter == 0 else np.ascontiguousarray(np.rot90(strength, quarter))
    return _View(turned, quarter, to_page)


def _check_lines(strength: Pixels, lines: tuple[MicrLine, ...]) -> list[MicrReading]:
    """Readings of the lines that are checks, each line once."""
    kept: list[MicrReading] = []
    misses = 0
    for line in lines:
        middle = (line.left + line.right) / 2
        if any(_same_line(known, middle, line.bottom_at(middle)) for known in kept):
            continue
        if kept and abs(line.pitch / kept[0].line.pitch - 1.0) > 0.12:
            continue
        if not kept and misses >= _MAX_MISSES:
            break
        if not looks_printed_in_e13b(strength, line):
            misses += 1
            continue
        reading = read_line(strength, line)
        if reading is not None and reading.is_check:
            kept.append(reading)
            if _is_one_check(strength, reading.dpi):
                break
    return sorted(kept, key=lambda reading: reading.box[1])


def _is_one_check(picture: Pixels, dpi: float) -> bool:
    """Whether the picture is too small to hold more than one check."""
    height, width = picture.shape
    return bool(width <= _LARGEST_CHECK[0] * dpi and height <= _LARGEST_CHECK[1] * dpi)


def _same_line(known: MicrReading, x: float, bottom: float) -> bool:
    return abs(known.line.bottom_at(x) - bottom) < 1.2 * known.line.height


def _regions(whole: Pixels, view: _View, readings: list[MicrReading]) -> tuple[CheckRegion, ...]:
    regions = []
    floor = 0.0
    for reading in readings:
        region, floor = _region(whole, view, reading, floor, alone=len(readings) == 1)
        regions.append(region)
    return tuple(regions)


def _region(
    whole: Pixels, view: _View, reading: MicrReading, floor: float, *, alone: bool
) -> tuple[CheckRegion, float]:
    """The check around its line; ``floor`` is the lower edge of the check above (view pixels)."""
    height, width = view.strength.shape
    dpi = reading.dpi
    feet = reading.line.bottom_at(reading.box[0] + reading.box[2] / 2)
    left, top, right, bottom = 0.0, 0.0, float(width), float(height)
    if not (alone and _is_one_check(view.strength, dpi)):
        wide, high = _BUSINESS if reading.aux_on_us is not None else _PERSONAL
        end = reading.transit_right or reading.box[0] + reading.box[2]
        right = min(right, end + (_TRANSIT_TO_EDGE + _SLACK) * dpi)
        left = min(max(0.0, right - (wide + 2 * _SLACK) * dpi), max(0.0, reading.box[0] - 4.0))
        bottom = min(bottom, feet + (_LINE_TO_EDGE + _SLACK) * dpi)
        top = max(floor, bottom - (high + 2 * _SLACK) * dpi, 0.0)
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
    region = CheckRegion(
        _inside(mapped_box(to_page, (0, 0, *size)), whole),
        _warped(whole, to_page, size),
        to_page,
        _reading_on_page(reading, view.to_page),
        view.quarter_turns,
        float(np.degrees(angle)),
        dpi / float(np.hypot(view.to_page[0, 0], view.to_page[0, 1])),
    )
    return region, bottom


def _inside(box: Box, whole: Pixels) -> Box:
    x, y = max(0, box[0]), max(0, box[1])
    right, bottom = min(whole.shape[1], box[0] + box[2]), min(whole.shape[0], box[1] + box[3])
    return x, y, max(1, right - x), max(1, bottom - y)


def _warped(whole: Pixels, to_page: Matrix, size: tuple[int, int]) -> Pixels:
    """The upright picture of ``size`` (width, height); beyond the page it is white paper."""
    step = float(np.sqrt(abs(np.linalg.det(to_page[:2, :2]))))
    source = whole
    if step > 1.2:
        source = np.asarray(cv2.GaussianBlur(whole, (0, 0), 0.35 * step), np.uint8)
    picture = cv2.warpPerspective(
        source,
        to_page,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255.0,
    )
    return np.asarray(picture, np.uint8)


def _part_on_page(part: MicrPart | None, to_page: Matrix) -> MicrPart | None:
    return None if part is None else replace(part, box=mapped_box(to_page, part.box))


def _reading_on_page(reading: MicrReading, to_page: Matrix) -> MicrReading:
    """The same reading with all boxes in page pixels."""
    return replace(
        reading,
        box=mapped_box(to_page, reading.box),
        routing_number=_part_on_page(reading.routing_number, to_page),
        on_us=_part_on_page(reading.on_us, to_page),
        aux_on_us=_part_on_page(reading.aux_on_us, to_page),
        account_number=_part_on_page(reading.account_number, to_page),
        check_number=_part_on_page(reading.check_number, to_page),
        amount_cents=_part_on_page(reading.amount_cents, to_page),
    )


def _through(region: CheckRegion, to_photo: Matrix) -> CheckRegion:
    """A region found on a flattened photo, with its boxes in the photo."""
    reading = region.micr
    return replace(
        region,
        box=mapped_box(to_photo, region.box),
        to_page=to_photo @ region.to_page,
        micr=None if reading is None else _reading_on_page(reading, to_photo),
    )


def flattened_photo(whole: Pixels) -> tuple[Pixels, Matrix] | None:
    """A bright sheet on a darker table, seen at an angle, made rectangular; and the map back."""
    height, width = whole.shape
    scale = 700.0 / max(height, width)
    small = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 3)
    _, bright = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    outline = max(contours, key=cv2.contourArea)
    share = cv2.contourArea(outline) / bright.size
    if not 0.12 <= share <= 0.97:
        return None
    hull = cv2.convexHull(outline)
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(corners) != 4:
        corners = cv2.boxPoints(cv2.minAreaRect(hull)).reshape(-1, 1, 2)
    points = np.asarray(corners, np.float64).reshape(4, 2) / scale
    order = np.argsort(np.arctan2(*(points - points.mean(axis=0)).T[::-1]))
    points = points[order]  # top left, top right, bottom right, bottom left
    across = max(np.hypot(*(points[1] - points[0])), np.hypot(*(points[2] - points[3])))
    down = max(np.hypot(*(points[3] - points[0])), np.hypot(*(points[2] - points[1])))
    if min(across, down) < 60:
        return None
    size = (round(across), round(down))
    flat = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    to_photo = cv2.getPerspectiveTransform(flat, points.astype(np.float32))
    matrix = np.asarray(to_photo, np.float64)
    return _warped(whole, matrix, size), matrix
