"""From a page image to upright checks: orientation, skew, perspective and resolution by the MICR.

Nothing is assumed of the resolution: the MICR pitch of 1/8 inch tells it. Every region keeps the
map back to the page, so that fields are boxed in the page's own pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np

from intake.pixels import gray
from intake.types import Box, Page, Pixels
from ocr.check_extent import PERSONAL, Extent, alone_in, extents
from ocr.check_kinds import kind_chances
from ocr.check_lines import Known, check_lines, score
from ocr.micr import MicrReading, looks_printed_in_e13b, read_line, with_boxes
from ocr.micr_line import (
    find_lines,
    glyph_marks,
    ink_strength,
    is_bitonal,
    mask,
    turned_marks,
)
from ocr.side_by_side import Unread, is_one_check
from ocr.straighten import Matrix, flattened_photo, levelled, warped
from ocr.timing import step

READING_DPI = 200.0
_WORK_SIDE = 2300.0
_FOOT = 0.4  # of a check's height: its line stands below that
_CHECK_SHAPE = (1.6, 3.5)
_MOST_MARKS = 300  # glyph-sized; checks have 120 to 280, coupons and letters more
_LEAST_SIDE = 4.5  # inches: no check or letter is shorter
# The least ``check_lines.score`` of lines worth a look, by how unlikely it is that one is there.
_UPRIGHT, _ON_SIDE, _BESIDE, _CHANGED = 3.0, 5.0, 6.5, 6.5
_FEWEST_MARKS = 12  # as high as digits outside the checks found, for another to be looked for
_AS_HIGH = 0.15  # by which the digits of two checks on one page may differ in height
_GUESSED = 0.9  # inches that a check may be less wide or high than its line promises
_BEFORE = 0.5  # inches between a line and what stands before it
_ROOM = (1.9, 5.0)  # inches that the part beside a check has across where it is another check
_PRINTED = 40  # marks of print on what may be another check
_LIKELY = 0.5  # that it looks like one
_LEAST_HEIGHT = 2.2  # inches beside a check in which another finds room


@dataclass(frozen=True)
class CheckRegion:
    """One check of a page, upright at 200 dpi.

    ``pixels`` is gray; ``to_page`` (3 x 3) maps its points to the page; ``box`` is the region in
    page pixels. ``micr`` has its boxes in page pixels, None when no line was read. ``dpi`` is
    the page's resolution by the MICR pitch (or as declared), None when neither is known.
    ``mirrored`` says that the page shows the check as a mirror does; ``pixels`` is set right.
    ``crowded``: what is on the page beside it may be of another check that was not read.
    """

    box: Box
    pixels: Pixels
    to_page: Matrix
    micr: MicrReading | None
    quarter_turns: int
    skew_degrees: float
    dpi: float | None
    mirrored: bool = False
    crowded: bool = False

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
class _Seen:
    """A page, its ink and the marks of it that may be digits, at ``scale`` of the page.

    ``refused`` has, by quarter turns, the lines that were looked at and are no check's, and
    ``unread`` those of them that are E-13B.
    """

    whole: Pixels
    strength: Pixels
    marks: Matrix
    scale: float
    refused: dict[int, Known] = field(default_factory=dict)
    unread: dict[int, list[Unread]] = field(default_factory=dict)

    def turned(self, quarter: int) -> Matrix:
        """The marks after so many quarter turns."""
        shape = self.strength.shape[0], self.strength.shape[1]
        return turned_marks(self.marks, shape, quarter)


@dataclass(frozen=True, slots=True)
class _View:
    """The page turned by quarter turns at working scale, and the map back to the page."""

    strength: Pixels
    quarter_turns: int
    to_page: Matrix


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
    return _told_of_others(seen, found)


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
    view = _View(ink_strength(picture, READING_DPI), 0, to_page)
    for line in find_lines(glyph_marks(mask(view.strength)), limit=4):
        if looks_printed_in_e13b(view.strength, line):
            reading = read_line(view.strength, line)
            if reading is not None:
                reading = _reading_on_page(reading, view.to_page)
                break
    return CheckRegion((0, 0, width, height), picture, to_page, reading, 0, 0.0, page.dpi)


def _seen(whole: Pixels, dpi: float | None) -> _Seen:
    work, scale = _working_copy(whole, dpi)
    strength = ink_strength(work, READING_DPI)
    return _Seen(whole, strength, glyph_marks(mask(strength)), scale)


def _find_upright_or_turned(seen: _Seen, *, changed: bool = False) -> tuple[CheckRegion, ...]:
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
            return _told_of_others(seen, found)
    for quarter in (*sides[0], *sides[1]) if alone else (0, 2, 1, 3):
        least = _CHANGED if changed else _UPRIGHT if quarter in (0, 2) else _ON_SIDE
        found = _regions_of(seen, quarter, seen.turned(quarter), least)
        if found:
            return _told_of_others(seen, _with_others(seen, quarter, found))
    return ()


def _with_others(
    seen: _Seen, quarter: int, found: tuple[CheckRegion, ...]
) -> tuple[CheckRegion, ...]:
    """The checks found, and those that lie turned another way beside them."""
    shape = seen.strength.shape[0], seen.strength.shape[1]
    for turns in (2, 1, 3) if _room_beside(seen, found) else ():
        other = (quarter + turns) % 4
        before = -1
        # What is near the edges that a line does not tell may be of either check.
        for guessed in (0.0, _GUESSED):
            free = _like_digits(
                turned_marks(_free_marks(seen, found, guessed), shape, other), found
            )
            if len(free) < _FEWEST_MARKS or len(free) == before:
                continue
            before = len(free)
            more = _regions_of(seen, other, free, _BESIDE)
            found = (*found, *(region for region in more if not _taken(region, found)))
    return found


def _free_marks(seen: _Seen, found: tuple[CheckRegion, ...], guessed: float) -> Matrix:
    """The marks outside the checks found, those within ``guessed`` inches of a guessed edge too."""
    middles = (seen.marks[:, :2] + seen.marks[:, 2:] / 2) / seen.scale
    free = np.ones(len(middles), bool)
    for region in found:
        x, y, width, height = mapped_box(region.to_page, _sure_part(region, guessed))
        inside = (middles >= (x, y)) & (middles <= (x + width, y + height))
        free &= ~inside.all(axis=1)
    return np.asarray(seen.marks[free], np.float64)


def _like_digits(marks: Matrix, found: tuple[CheckRegion, ...]) -> Matrix:
    """The marks as high as the digits of the line found: all checks of a page are at one scale."""
    heights = [region.micr.line.height for region in found if region.micr is not None]
    if not heights:
        return marks
    alike = np.abs(marks[:, 3] / heights[0] - 1.0) <= _AS_HIGH
    return np.asarray(marks[alike & (marks[:, 2] < marks[:, 3])], np.float64)


def _sure_part(region: CheckRegion, guessed: float) -> Box:
    """The part of a region's picture that is its check's although left and top are guessed."""
    height, width = region.pixels.shape
    off = round(guessed * READING_DPI)
    left, top = min(off, width // 2), min(off, height // 2)
    return left, top, width - left, height - top


def _room_beside(seen: _Seen, found: tuple[CheckRegion, ...]) -> bool:
    """Whether the page leaves room for another check beside one; beside several it may."""
    if len(found) != 1:
        return True
    x, y, width, height = mapped_box(found[0].to_page, _sure_part(found[0], _GUESSED))
    least = _LEAST_HEIGHT * (found[0].dpi or READING_DPI)
    down, across = seen.whole.shape
    return bool(max(x, y, across - x - width, down - y - height) >= least)


def _taken(region: CheckRegion, found: tuple[CheckRegion, ...]) -> bool:
    """Whether a line's middle lies on the line of a check that was found before."""
    return region.micr is not None and any(
        other.micr is not None and _overlap(region.micr.box, other.micr.box) for other in found
    )


def _overlap(one: Box, other: Box) -> bool:
    x, y, width, height = other
    across = one[0] < x + width and x < one[0] + one[2]
    return across and one[1] < y + height and y < one[1] + one[3]


def _told_of_others(seen: _Seen, found: tuple[CheckRegion, ...]) -> tuple[CheckRegion, ...]:
    """The regions, marked where the page shows a line of E-13B that is of none of them."""
    for quarter, unread in seen.unread.items():
        view = _view(seen.strength, quarter, seen.scale)
        for part in unread:
            place = mapped_box(view.to_page, part.box)
            if not any(_explains(region, quarter, part, place) for region in found):
                return tuple(replace(region, crowded=True) for region in found)
    if len(found) == 1 and _looks_like_another(seen, found[0]):
        return (replace(found[0], crowded=True),)
    return found


def _has_room(side: Box, dpi: float) -> bool:
    short, long = sorted((side[2] / dpi, side[3] / dpi))
    return _ROOM[0] <= short <= _ROOM[1] and long >= _LEAST_SIDE


def _looks_like_another(seen: _Seen, region: CheckRegion) -> bool:
    """Whether the fullest part of the page beside a check has the size and looks of a check."""
    dpi = region.dpi or READING_DPI
    down, across = seen.whole.shape
    x, y, width, height = region.box
    right, low = x + width, y + height
    sides: list[Box] = [
        (0, 0, across, y), (0, low, across, down - low),
        (0, 0, x, down), (right, 0, across - right, down),
    ]  # fmt: skip
    sides = [side for side in sides if _has_room(side, dpi)]
    middles = (seen.marks[:, :2] + seen.marks[:, 2:] / 2) / seen.scale

    def marks_in(side: Box) -> int:
        x, y, width, height = side
        inside = (middles >= (x, y)) & (middles <= (x + width, y + height))
        return int(inside.all(axis=1).sum())

    x, y, width, height = max(sides, key=marks_in, default=(0, 0, 0, 0))
    if marks_in((x, y, width, height)) < _PRINTED:
        return False
    part = seen.whole[y : y + height, x : x + width]
    upright = part if width >= height else np.rot90(part)
    chances = kind_chances(Page(0, np.ascontiguousarray(upright), dpi))
    return chances.get("check", 0.0) >= _LIKELY


def _explains(region: CheckRegion, quarter: int, part: Unread, place: Box) -> bool:
    """Whether a line at ``place`` is a check's own, or other ink of a check."""
    if region.micr is None:
        return False
    if _overlap(region.micr.box, place):
        return True
    x, y, width, height = place
    middle = x + width // 2, y + height // 2, 1, 1
    if part.before_transit:  # of the check whose transit field comes next it is not
        near = round(_BEFORE * (region.dpi or READING_DPI))
        around = x - near, y - near, width + 2 * near, height + 2 * near
        whole = mapped_box(region.to_page, _sure_part(region, 0.0))
        return not _overlap(region.micr.box, around) and _overlap(whole, middle)
    sure = mapped_box(region.to_page, _sure_part(region, _GUESSED))
    return region.quarter_turns != quarter and _overlap(sure, middle)


def _regions_of(seen: _Seen, quarter: int, marks: Matrix, least: float) -> tuple[CheckRegion, ...]:
    """The checks among the marks of one side, whose lines' scores are ``least`` or more."""
    lines = find_lines(marks, limit=8)
    if not lines or score(lines[0]) < least:
        return ()
    view = _view(seen.strength, quarter, seen.scale)
    refused = seen.refused.setdefault(quarter, [])
    unread = seen.unread.setdefault(quarter, [])
    readings = check_lines(view.strength, lines, refused, least=least, unread=unread)
    return _regions(seen, view, readings) if readings else ()


def _check_shaped(shape: tuple[int, ...]) -> bool:
    """Whether a page has the proportions of one check, or of the envelope around it."""
    long, short = max(shape[:2]), min(shape[:2])
    return _CHECK_SHAPE[0] <= long / max(1, short) <= _CHECK_SHAPE[1]


def _mirrored(seen: _Seen) -> tuple[CheckRegion, ...]:
    """A check that only reads in a mirror, as through paper or from a camera turned about."""
    width = seen.strength.shape[1]
    marks = seen.marks.copy()
    marks[:, 0] = width - marks[:, 0] - marks[:, 2]
    other = _Seen(
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
    if dpi is not None and 90 <= dpi <= 1300 and _LEAST_SIDE <= longest / dpi <= 15:
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


def _regions(seen: _Seen, view: _View, readings: list[MicrReading]) -> tuple[CheckRegion, ...]:
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
            crowded=crowded or (several and place.bottom - place.top < _LEAST_HEIGHT * reading.dpi),
        )
        for reading, place in zip(readings, places, strict=True)
    )


def _region(whole: Pixels, view: _View, reading: MicrReading, place: Extent) -> CheckRegion:
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
