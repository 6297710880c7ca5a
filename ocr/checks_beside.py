"""What a page with a check still holds: marks, room or the looks of another check beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intake.types import Box, Page
from ocr.check_kinds import kind_chances
from ocr.check_region import READING_DPI, CheckRegion, Seen, mapped_box, view_of
from ocr.side_by_side import Unread
from ocr.straighten import Matrix

LEAST_SIDE = 4.5  # inches: no check or letter is shorter
FEWEST_MARKS = 12  # as high as digits outside the checks found, for another to be looked for
_AS_HIGH = 0.15  # by which the digits of two checks on one page may differ in height
GUESSED = 0.9  # inches that a check may be less wide or high than its line promises
_BEFORE = 0.5  # inches between a line and what stands before it
_ROOM = (1.9, 5.0)  # inches that the part beside a check has across where it is another check
_PRINTED = 40  # marks of print on what may be another check
_LIKELY = 0.5  # that it looks like one
LEAST_HEIGHT = 2.2  # inches beside a check in which another finds room


def told_of_others(seen: Seen, found: tuple[CheckRegion, ...]) -> tuple[CheckRegion, ...]:
    """The regions, marked as crowded where the page shows more of a check than they hold.

    That is a line of E-13B that is of none of them, or beside a single one what looks like another.
    """
    for quarter, unread in seen.unread.items():
        view = view_of(seen, quarter)
        for part in unread:
            place = mapped_box(view.to_page, part.box)
            if not any(_explains(region, quarter, part, place) for region in found):
                return tuple(replace(region, crowded=True) for region in found)
    if len(found) == 1 and _looks_like_another(seen, found[0]):
        return (replace(found[0], crowded=True),)
    return found


def _has_room(side: Box, dpi: float) -> bool:
    short, long = sorted((side[2] / dpi, side[3] / dpi))
    return _ROOM[0] <= short <= _ROOM[1] and long >= LEAST_SIDE


def _looks_like_another(seen: Seen, region: CheckRegion) -> bool:
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
    sure = mapped_box(region.to_page, _sure_part(region, GUESSED))
    return region.quarter_turns != quarter and _overlap(sure, middle)


def free_marks(seen: Seen, found: tuple[CheckRegion, ...], guessed: float) -> Matrix:
    """The marks outside the checks found, those within ``guessed`` inches of a guessed edge too."""
    middles = (seen.marks[:, :2] + seen.marks[:, 2:] / 2) / seen.scale
    free = np.ones(len(middles), bool)
    for region in found:
        x, y, width, height = mapped_box(region.to_page, _sure_part(region, guessed))
        inside = (middles >= (x, y)) & (middles <= (x + width, y + height))
        free &= ~inside.all(axis=1)
    return np.asarray(seen.marks[free], np.float64)


def like_digits(marks: Matrix, found: tuple[CheckRegion, ...]) -> Matrix:
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


def room_beside(seen: Seen, found: tuple[CheckRegion, ...]) -> bool:
    """Whether the page leaves room for another check beside one; beside several it may."""
    if len(found) != 1:
        return True
    x, y, width, height = mapped_box(found[0].to_page, _sure_part(found[0], GUESSED))
    least = LEAST_HEIGHT * (found[0].dpi or READING_DPI)
    down, across = seen.whole.shape
    return bool(max(x, y, across - x - width, down - y - height) >= least)


def taken(region: CheckRegion, found: tuple[CheckRegion, ...]) -> bool:
    """Whether a region's line is that of a check which was found before."""
    return region.micr is not None and any(
        other.micr is not None and _overlap(region.micr.box, other.micr.box) for other in found
    )


def _overlap(one: Box, other: Box) -> bool:
    x, y, width, height = other
    across = one[0] < x + width and x < one[0] + one[2]
    return across and one[1] < y + height and y < one[1] + one[3]
