"""Signs that a check was altered: two inks in one amount, patched paper, writing over writing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import cv2
import numpy as np

from intake.types import Box, Page, Pixels
from ocr.amount_places import line_of_writing, numeral_places, payee_rule, words_places
from ocr.check_layout import Sheet, anchor, cut, text_band
from ocr.check_overwriting import THROUGH, THROUGH_FIGURES, overwritten, struck
from ocr.check_patches import patched
from ocr.components import components
from ocr.prepare import CheckRegion
from ocr.types import ReadingWarning

_INK = 150
_LEAST_AREA = 25
_HIGH = 0.35  # of the highest mark: what is lower is a point, a comma or a dash
_WIDE = 0.5  # of the amount: what is wider is a box or a filler stroke
_OFF = 0.15  # of the amount's height from above and below
_TALLER, _NARROW = 1.2, 0.3
_FEWEST = 4
_CORE, _PAPER = 40, 70  # percent of a mark's pixels by darkness that are its ink, and its paper
_BLACK = 8.0  # added to both, so that sensor noise in black ink does not count as colour
_FAINT = 0.15
_LARGEST_STEP = 0.2

_CODE = "alteration_suspected"
_PATCHED = {
    "numerals": "the paper under the amount in figures is whiter than about it",
    "lines": "the paper under the payee's name or the amount in words is whiter than about it",
}
_CALLED = {"numerals": "amount in figures", "words": "amount in words", "payee": "payee's name"}


def alterations(
    sheet: Sheet, page: Page, region: CheckRegion, places: Mapping[str, Box], *, by_hand: bool
) -> tuple[ReadingWarning, ...]:
    """What looks altered, and where.

    ``places`` has the boxes of ``numerals``, ``words`` and ``payee`` in the page's own pixels, as
    far as they are known. ``by_hand`` is False for a check that a machine filled in, where only
    ink and paper are looked at. Inks show on pages with colour, patches not on black and white
    ones, lines struck through and pressed figures on all.
    """
    read = {name: _in_region(region, box) for name, box in places.items()}
    read = {name: box for name, box in read.items() if min(box[2:]) >= 8}
    told = []
    numerals = read.get("numerals")
    if numerals is not None and page.pixels.ndim == 3:
        colour = _colour(page.pixels, region, numerals)
        if ink_step(colour, cut(sheet.clean, numerals)):
            told.append("the amount in figures is written with inks of two colours")
    # What is altered is often not read: it is looked for where the form has its place too.
    lines = {name: line_of_writing(sheet.clean, band) for name, band in _by_form(sheet).items()}
    rounds = (read, {name: line[1] for name, line in lines.items() if line is not None})
    told += [_PATCHED[place] for place in patched(region, numerals)]
    if by_hand:
        told += _written_over(sheet, region, rounds)
    return tuple(ReadingWarning(_CODE, message) for message in told)


def _by_form(sheet: Sheet) -> dict[str, Box]:
    """Where figures, words and payee stand by the form's labels and lines, as far as it has any."""
    figures = next((place.box for place in numeral_places(sheet) if place.marked), None)
    words = next(iter(words_places(sheet)), None)
    payee = payee_rule(sheet)
    bands = {
        "numerals": figures, "words": words,
        "payee": None if payee is None else text_band(payee),
    }  # fmt: skip
    return {name: band for name, band in bands.items() if band is not None}


def _written_over(
    sheet: Sheet, region: CheckRegion, rounds: tuple[Mapping[str, Box], ...]
) -> list[str]:
    told = []
    numerals = [boxes["numerals"] for boxes in rounds if "numerals" in boxes]
    if any(overwritten(sheet.clean, box, _sign(sheet, box)) for box in numerals):
        told.append("a figure of the amount is written over another")
    strikes = dict.fromkeys(
        name
        for boxes in rounds
        for name, box in boxes.items()
        if min(box[2:]) >= 8
        and struck(region.strength, box, through=THROUGH_FIGURES if name == "numerals" else THROUGH)
    )
    return told + [f"the {_CALLED[name]} is struck through" for name in strikes]


def _sign(sheet: Sheet, numerals: Box) -> Box | None:
    """The printed "$" before the amount in figures."""
    x, y, width, height = numerals
    about = (x - round(0.4 * height) - 60, y - height, width // 2 + 60, 3 * height)
    word = anchor(sheet, ("$",), within=about)
    return None if word is None else word.box


def ink_step(colour: Pixels, clean: Pixels) -> bool:
    """Whether the marks of one line fall into two groups of inks by their hue.

    ``colour`` (height x width x 3) and ``clean`` (dark ink on white) show the same place. A pen
    changes in strength along a line but hardly in hue, so that the largest step between the
    marks' hues, less the spread on either side of it, tells two pens from one. The first and the
    last mark may be the form's own: a printed "$", or a side of the box, or both.
    """
    marks = _marks(colour, clean)
    if len(marks) < _FEWEST:
        return False
    hues = np.array([hue for hue, _ in marks], np.float64)
    order = np.argsort(hues, kind="stable")
    by_hue = hues[order]
    steps = [
        (after - before) - max(float(by_hue[: k + 1].std()), float(by_hue[k + 1 :].std()))
        for k, (before, after) in enumerate(pairwise(by_hue))
    ]
    place = int(np.argmax(steps))
    if steps[place] <= _LARGEST_STEP:
        return False
    last = len(hues) - 1
    ends = {0, last} | ({1} if marks[1][1] else set()) | ({last - 1} if marks[-2][1] else set())
    one, other = set(order[: place + 1].tolist()), set(order[place + 1 :].tolist())
    return bool(one - ends and other - ends)


def _marks(colour: Pixels, clean: Pixels) -> list[tuple[float, bool]]:
    """By mark, from left: its ink's hue, and whether it is as narrow as the side of a box.

    The hue is how much more light the ink takes from the first channel than from the last.
    Measured as densities (Beer-Lambert), over the mean density, so that a lighter stroke of the
    same ink gives the same figure.
    """
    _, labels, stats, _ = components(np.asarray(clean < _INK, np.uint8), connectivity=8)
    heights = stats[1:, 3][stats[1:, 4] >= _LEAST_AREA]
    highest = int(heights.max()) if len(heights) else 0
    usual = float(np.median(heights[heights >= _HIGH * highest])) if len(heights) else 0.0
    found: list[tuple[float, bool]] = []
    for number in 1 + np.argsort(stats[1:, 0], kind="stable"):
        x, y, width, height, area = stats[number]
        if area < _LEAST_AREA or height < _HIGH * highest or width > _WIDE * clean.shape[1]:
            continue
        if y + height / 2 < _OFF * clean.shape[0] or y + height / 2 > (1 - _OFF) * clean.shape[0]:
            continue  # what reaches in from the line above or below
        if height > _TALLER * usual and width < _NARROW * height:
            continue  # a side of the amount's box
        part = colour[y : y + height, x : x + width].astype(np.float32)
        mark = labels[y : y + height, x : x + width] == number
        light = part.mean(axis=2)
        core = mark & (light <= np.percentile(light[mark], _CORE))
        around = ~mark & (light >= np.percentile(light, _PAPER))
        paper = part[around].mean(axis=0) if around.any() else part.reshape(-1, 3).max(axis=0)
        density = np.log((paper + _BLACK) / (part[core].mean(axis=0) + _BLACK))
        hue = float(density[0] - density[2]) / max(_FAINT, float(density.mean()))
        found.append((hue, bool(width < _NARROW * height)))
    return found


def _in_region(region: CheckRegion, box: Box) -> Box:
    """A box of the page as the box around it in the check's crop."""
    x, y, width, height = box
    corners = np.array([[[x, y], [x + width, y], [x + width, y + height], [x, y + height]]], float)
    there = cv2.perspectiveTransform(corners, np.linalg.inv(region.to_page))[0]
    high, wide = region.pixels.shape[:2]
    left, top = np.clip(there.min(axis=0), 0, (wide, high))
    right, bottom = np.clip(there.max(axis=0), 0, (wide, high))
    return int(left), int(top), int(right) - int(left), int(bottom) - int(top)


def _colour(page: Pixels, region: CheckRegion, box: Box) -> Pixels:
    """The page's colours in a box of the check's crop."""
    x, y, width, height = box
    there = np.asarray(region.to_page, np.float64) @ np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    method = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(page, there, (width, height), flags=method), np.uint8)
