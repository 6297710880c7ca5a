"""One check of a page, and the page as it is searched for checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from intake.types import Box, Pixels
from ocr.check_lines import Known
from ocr.micr import MicrReading
from ocr.micr_line import ink_strength, turned_marks
from ocr.side_by_side import Unread
from ocr.straighten import Matrix

READING_DPI = 200.0


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
class Seen:
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
class View:
    """The page turned by quarter turns at working scale, and the map back to the page."""

    strength: Pixels
    quarter_turns: int
    to_page: Matrix


def view_of(seen: Seen, quarter: int) -> View:
    """The page after so many quarter turns."""
    strength, scale = seen.strength, seen.scale
    height, width = strength.shape
    back = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, -1, width], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, 1, 0], [-1, 0, height]],
    }[quarter]
    to_page = np.diag([1 / scale, 1 / scale, 1.0]) @ np.array([*back, [0, 0, 1]], np.float64)
    turned = strength if quarter == 0 else np.ascontiguousarray(np.rot90(strength, quarter))
    return View(turned, quarter, to_page)


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
