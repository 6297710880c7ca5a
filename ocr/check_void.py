"""Whether a check was made void: a word stamped across it, or words that no payable check bears."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from intake.types import Pixels
from ocr.components import marks_of
from ocr.engine import LineEngine
from ocr.prepare import CheckRegion

_STROKE = 7  # pixels of 1/200 inch: thicker than writing and than type below 16 points
_TALL, _WIDE = (30, 240), (7, 300)
_DARK = 0.62  # of the paper's gray
_MOST_LETTERS = 60
_LEAST_LETTERS = 3
_LINE_HEIGHT = 44
_VOID = ("VOID", "VOIDED", "SPECIMEN", "CANCELLED", "CANCELED")
_CUT_OFF = {"OID": "VOID", "VOI": "VOID", "ECIMEN": "SPECIMEN", "PECIMEN": "SPECIMEN",
            "SPECIME": "SPECIMEN", "SPECIM": "SPECIMEN"}  # fmt: skip
# Where an amount stands in words or figures.
_AMOUNT = re.compile(
    r"\b(?:hundred|thousand|dollars?|and\s+(?:\d\d|no|xx)\s*/\s*1\d\d|cents)\b|"
    r"\d\d\s*/\s*100\b|\d\.\d\d\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\b(?:CAD|CDN|Canadian|EUR|Euros?|GBP|Pounds?\s+Sterling|Pesos?|MXN|Yen|JPY|CHF|AUD)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\b(?:minus|negative|void(?:ed)?)\b", re.IGNORECASE)
_BARE_VOID = re.compile(
    r"^\W*(?:(?:for|memo|re)\b\W*)?v\s?o\s?i\s?d(?:ed)?\W*$|^\W*specimen\W*$", re.IGNORECASE
)
# What is printed on honest checks: "void after 90 days", "void if altered", "void where ...".
_HONEST_VOID = re.compile(
    r"\bvoid(?:ed)?\b\W*(?:\w+\W+)?(?:after|if|without|unless|when|where|over|in\s+\d|\d+\s*da)|"
    r"\b(?:is|be|becomes?|not|are|contains?|word|reads?|says?|hidden|shows?|appears?)\W+"
    r"(?:\w+\W+)?void|\bdays\b|\bvoid\W+(?:pantograph|feature|appears?|background|will|shows?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Row:
    """Thick letters that stand in one row, left to right: their boxes."""

    boxes: NDArray[np.int32]


def foreign_or_void(text: str) -> str | None:
    """``void`` or ``foreign`` where a line of a check says so, else None.

    ``text`` is one printed or written row. Only a row that has an amount makes money foreign or
    an amount void, for banks and places are called Canadian too; ``VOID`` alone in its row does
    as well, or behind the memo's label. What honest checks say of when they become void, and of
    the hidden word in their paper, is neither.
    """
    if _BARE_VOID.match(text):
        return "void"
    if not _AMOUNT.search(text) or _HONEST_VOID.search(text):
        return None
    if _NOTHING.search(text):
        return "void"
    return "foreign" if _FOREIGN.search(text) else None


def void_across(region: CheckRegion, lines: LineEngine) -> str | None:
    """The large word that makes a check void, if one was stamped or printed across it.

    Only letters of strokes thicker than those of writing and small type count, so that the
    screened word in security paper does not; nor does one that is repeated, as that is.
    """
    thick = _thick(region.pixels[: max(8, region.micr_top)])
    found = [word for row in _rows(thick) if (word := _word(_levelled(thick, row), lines))]
    return found[0] if len(found) in (1, 2) else None


def _thick(pixels: Pixels) -> Pixels:
    """Thick strokes (255) of letters a sixth of an inch to over an inch high."""
    paper = float(np.percentile(pixels[::4, ::4], 80))
    dark = np.asarray(pixels < _DARK * paper, np.uint8)
    round_pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE, _STROKE))
    opened = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, round_pen), np.uint8)
    marks = marks_of(opened)
    stats = marks.stats
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letters = (high >= _TALL[0]) & (high <= _TALL[1]) & (wide >= _WIDE[0]) & (wide <= _WIDE[1])
    letters[0] = False
    if not _LEAST_LETTERS <= int(letters.sum()) <= _MOST_LETTERS:
        return np.zeros_like(opened)
    return marks.mask(letters)


def _rows(thick: Pixels) -> list[_Row]:
    """Groups of neighbouring letters of like height."""
    boxes = marks_of(thick).stats[1:, :4]
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    home = list(range(len(boxes)))
    for right in range(len(boxes)):
        for left in range(right):
            if _beside(boxes[left], boxes[right]):
                old, new = home[right], home[left]
                home = [new if each == old else each for each in home]
    groups = [boxes[[n for n, at in enumerate(home) if at == one]] for one in sorted(set(home))]
    return [_Row(group) for group in groups if len(group) >= _LEAST_LETTERS]


def _beside(left: NDArray[np.int32], right: NDArray[np.int32]) -> bool:
    height, other = int(left[3]), int(right[3])
    tall = max(height, other)
    if min(height, other) < 0.6 * tall:
        return False
    gap = int(right[0]) - int(left[0] + left[2])
    drop = abs((right[1] + other / 2) - (left[1] + height / 2))
    across = (right[0] + right[2] / 2) - (left[0] + left[2] / 2)
    return bool(-0.2 * tall <= gap <= 1.3 * tall and drop <= 0.5 * across + 0.1 * tall)


def _levelled(thick: Pixels, row: _Row) -> Pixels:
    """The row's letters, level, black on white, at the height the recogniser reads best."""
    boxes = row.boxes
    x, y = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    slope = float(np.polyfit(x, y, 1)[0])
    tall = float(np.median(boxes[:, 3]))
    angle = float(np.degrees(np.arctan(slope)))
    centre = float(x.mean()), float(y.mean())
    turn = cv2.getRotationMatrix2D(centre, angle, 1.0)
    half = float(boxes[:, 0].max() + boxes[:, 2].max() - boxes[:, 0].min()) / 2 / max(
        0.3, float(np.cos(np.radians(angle)))
    ) + 0.4 * tall  # fmt: skip
    scale = _LINE_HEIGHT / (1.5 * tall)
    size = (max(8, round(2 * half * scale)), _LINE_HEIGHT)
    turn[:, 2] += np.array([half - centre[0], 0.75 * tall - centre[1]])
    flat = cv2.warpAffine(255 - thick, turn * scale, size, flags=cv2.INTER_AREA, borderValue=255.0)
    return np.asarray(flat, np.uint8)


def _word(line: Pixels, lines: LineEngine) -> str | None:
    """The word of ``_VOID`` that a line says, allowing one slip in long ones."""
    said = re.sub(r"[^A-Z]", "", lines.read_line(line).text.upper().replace("0", "O")
                  .replace("1", "I").replace("|", "I"))  # fmt: skip
    for word in _VOID:
        if Levenshtein.distance(said, word) <= len(word) // 6:
            return word
    return _CUT_OFF.get(said)
