"""A scanned batch as envelopes: which pages part them, which are blank, which belong together."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.bare_text import shows_words_alone
from intake.faintness import bareness, is_rough
from intake.pixels import gray
from intake.separators import read_separator
from intake.types import Page, Pixels, Side

_LOOK_DPI = 100.0
_LETTER_INCHES = 11.0
_MIN_CONTRAST = 50
_SPECK_PIXELS = 6
_BLANK_INK_PIXELS = 40
"""Less ink than two printed letters, at 100 dpi; one word is some hundred pixels."""
_EDGE_SHARE, _EDGE_LINE_SHARE = 0.02, 0.03
_HOLE_INCHES, _HOLE_REACH_INCHES = (0.15, 0.40), 0.85
_HOLE_FILL = 0.65
_SAME_SIZE = 0.03
_STRIP = 16  # pixels; no sheet is so narrow
_WORDED = 60
"""Words of a text layer, each with ink under it; a separator sheet has some thirty."""

_KEPT = 64
_examined: OrderedDict[int, tuple[weakref.ref[Page], PageFacts]] = OrderedDict()

# Personal checks are 6 x 2.75 inches, business checks up to 9 x 3.67 (X9.100-160-1 stock sizes).
_CHECK_RATIO, _CHECK_WIDTH_INCHES, _CHECK_HEIGHT_INCHES = (1.9, 2.8), (5.4, 9.2), (2.3, 4.2)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What splitting needs to know of one page.

    ``ink`` is the share of the page that is marked, specks, holes and scanner edges left out;
    ``separator`` is a sheet's payload; ``check_shaped`` says that the whole page has the size of
    a check. A ``blank`` page that is ``faint`` has marks that may have shown through from its
    other side, and is no bare paper where it has none. ``doubtful`` pages have no ink that counts
    and are no paper either: too dark, too faint or too noisy.
    """

    index: int
    width: int
    height: int
    dpi: float | None
    ink: float
    blank: bool
    separator: str | None = None
    check_shaped: bool = False
    side: Side | None = None
    item: int | None = None
    faint: bool = False
    doubtful: bool = False

    @property
    def bare(self) -> bool:
        """Whether the page is surely bare paper, whatever lies before it."""
        return self.blank and not self.faint


@dataclass(frozen=True, slots=True)
class Envelope:
    """The pages of one envelope, in order, by their page numbers.

    ``single`` says that they are certainly one transaction; False means not known, and reading
    may part them further.
    """

    pages: tuple[int, ...]
    single: bool
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every page of a file in exactly one place: an envelope, the separators, or the blanks."""

    envelopes: tuple[Envelope, ...]
    separators: tuple[int, ...] = ()
    blanks: tuple[int, ...] = ()


def examine(page: Page) -> PageFacts:
    """Looks at one page's pixels once; views of an image cash letter are only measured.

    A page of many words that came with the file is neither blank nor a separator, nor is one that
    shows words alone: nothing is searched there, and its ink is that of its words' boxes. Splitting
    and reading ask about the same page: of the last few what was found is kept, not their pictures.
    """
    known = _examined.get(id(page))
    if known is not None and known[0]() is page:
        return known[1]
    facts = _facts(page)
    _examined[id(page)] = (weakref.ref(page), facts)
    while len(_examined) > _KEPT:
        _examined.popitem(last=False)
    return facts


def _facts(page: Page) -> PageFacts:
    width, height = page.size
    if len(page.words) >= _WORDED or shows_words_alone(page):
        return _worded(page)
    whole = gray(page.pixels)
    look = _reduced(whole, page.dpi)
    ink_pixels, ink = _ink(look)
    letter_view = page.item is not None
    empty = not letter_view and ink_pixels < _BLANK_INK_PIXELS
    seen = bareness(look) if empty else "bare"
    doubtful = seen == "doubtful" or (empty and is_rough(whole))
    blank = empty and not doubtful
    return PageFacts(
        page.index,
        width,
        height,
        page.dpi,
        ink,
        blank,
        None
        if blank or letter_view or min(width, height) < _STRIP
        else read_separator(page.pixels),
        _check_shaped(width, height, page.dpi),
        page.side,
        page.item,
        blank and seen == "faint",
        doubtful,
    )


def _worded(page: Page) -> PageFacts:
    width, height = page.size
    covered = sum(word.box[2] * word.box[3] for word in page.words) / max(width * height, 1)
    shaped = _check_shaped(width, height, page.dpi)
    return PageFacts(
        page.index, width, height, page.dpi, min(covered, 1.0), blank=False,
        check_shaped=shaped, side=page.side, item=page.item,
    )  # fmt: skip


def plan(pages: Sequence[PageFacts]) -> Plan:
    """Parts the pages of one file into envelopes, keeping their order.

    Views with an item number make one envelope an item. A separator sheet starts an envelope,
    and then each is single; the sheet and blank pages belong to none. With no separator all
    pages are one envelope that is single only when it has one page. A faint page is blank only
    as the back of the page before it.
    """
    separators = tuple(page.index for page in pages if page.separator is not None)
    left_out = _blanks(pages)
    blanks = tuple(page.index for page in pages if page.index in left_out)
    groups: list[list[int]] = []
    sheets: list[str | None] = []
    before: tuple[str | None, int | None] | None = None
    sheet: str | None = None
    for page in pages:
        if page.separator is not None:
            sheet, before = page.separator, None
            continue
        if page.index in left_out:
            continue
        now = (sheet, page.item)
        if now != before or not groups:
            groups.append([])
            sheets.append(sheet)
        groups[-1].append(page.index)
        before = now
    items = {page.index for page in pages if page.item is not None}
    envelopes = tuple(
        Envelope(
            tuple(group),
            bool(separators) or len(group) == 1 or group[0] in items,
            of_sheet,
        )
        for group, of_sheet in zip(groups, sheets, strict=True)
    )
    return Plan(envelopes, separators, blanks)


def _blanks(pages: Sequence[PageFacts]) -> set[int]:
    """Pages that are blank and free to leave out: views of image cash letters stay, and pages
    with faint marks that no page of their size before them can have shown through.
    """
    blanks: set[int] = set()
    before: PageFacts | None = None
    for page in pages:
        if page.blank and page.separator is None and page.item is None:
            front = None if before is None or before.index in blanks else before
            if page.bare or (front is not None and _same_size(front, page)):
                blanks.add(page.index)
        before = page
    return blanks


def _same_size(one: PageFacts, other: PageFacts) -> bool:
    pairs = ((one.width, other.width), (one.height, other.height))
    return all(abs(a - b) <= _SAME_SIZE * max(a, b) for a, b in pairs)


def _reduced(image: Pixels, dpi: float | None) -> Pixels:
    """The picture at 100 dpi at most."""
    scale = _LOOK_DPI / dpi if dpi else _LOOK_DPI * _LETTER_INCHES / max(image.shape)
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _ink(image: Pixels) -> tuple[int, float]:
    """Marked pixels of a gray picture at 100 dpi and their share of it."""
    height, width = image.shape
    # Light falls unevenly on photographed paper: compare with the paper around, not with white.
    paper = cv2.medianBlur(cv2.dilate(image, np.ones((9, 9), np.uint8)), 21)
    dark = (paper.astype(np.int16) - image > _MIN_CONTRAST).astype(np.uint8)
    _clear_edges(dark)
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    marks = np.asarray(stats, np.int32)[1:]
    total = int(marks[_are_marks(marks, width, height), cv2.CC_STAT_AREA].sum())
    return total, total / max(width * height, 1)


def _clear_edges(dark: Pixels) -> None:
    """Takes away, in place, the dark lines along the sides where the scanner saw past the paper."""
    depth = int(_EDGE_SHARE * min(dark.shape)) + 1
    for quarters in range(4):
        side = np.rot90(dark, quarters)
        for line in side[:depth]:
            if line.mean() <= 0.5:
                break
            line[:] = 0


def _are_marks(stats: NDArray[np.int32], width: int, height: int) -> NDArray[np.bool_]:
    """Which components were put on the paper, and are no speck, hole or scanner edge."""
    x, y, w, h, area = stats.T
    edge = np.minimum(np.minimum(x, y), np.minimum(width - x - w, height - y - h))
    thin = np.minimum(w / width, h / height) < _EDGE_LINE_SHARE
    # One pixel is the edge itself, however small the picture is.
    rim = (edge <= min(1.0, _EDGE_SHARE * min(width, height))) & thin
    low, high = (inches * _LOOK_DPI for inches in _HOLE_INCHES)
    round_blob = (low <= w) & (w <= high) & (low <= h) & (h <= high) & (area >= _HOLE_FILL * w * h)
    hole = round_blob & (edge <= _HOLE_REACH_INCHES * _LOOK_DPI)
    return np.asarray((area >= _SPECK_PIXELS) & ~rim & ~hole, np.bool_)


def _check_shaped(width: int, height: int, dpi: float | None) -> bool:
    long, short = max(width, height), max(min(width, height), 1)
    if not _CHECK_RATIO[0] <= long / short <= _CHECK_RATIO[1]:
        return False
    if dpi is None:
        return True
    across, down = long / dpi, short / dpi
    return (
        _CHECK_WIDTH_INCHES[0] <= across <= _CHECK_WIDTH_INCHES[1]
        and _CHECK_HEIGHT_INCHES[0] <= down <= _CHECK_HEIGHT_INCHES[1]
    )
