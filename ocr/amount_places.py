"""Where the two written amounts of a check stand: the places to look at, the likeliest first."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from intake.types import Box, Pixels
from ocr.amount_forms import ONES, TENS
from ocr.check_layout import INCH, Row, Rule, Sheet, anchor, text_band, writing
from ocr.components import components

_DARK = 150
_PAD = 6  # of writing()
_ROW_GAP = 2
_SPECK = 0.06  # of the line's ink: less over or under it is dirt
_LABELS = frozenset(("pay", "the", "sum", "of", "amount", "exactly"))
_SCALES = ("hundred", "thousand")
_CENTS = re.compile(r"[0-9x]{2}\s*/\s*[1x]|dollars|cents")
_NUMBER_WORDS = (*ONES, *(word for word in TENS if word), *_SCALES)


@dataclass(frozen=True, slots=True)
class Place:
    """A box in crop pixels; ``marked`` where a ``$`` or the form of an amount stands there.

    ``plain``: only what has wholly the form of an amount counts there.
    """

    box: Box
    marked: bool
    plain: bool = False


def payee_rule(sheet: Sheet) -> Rule | None:
    """The long line after "Pay to the order of"."""
    label = anchor(sheet, ("order", "pay"), within=(0, 0, sheet.width // 3, sheet.floor))
    long = [rule for rule in sheet.rules if rule.length >= 2.2 * INCH]
    if label is not None:
        foot = label.box[1] + label.box[3]
        near = [rule for rule in long if -0.25 * INCH <= rule.y - foot <= 0.4 * INCH]
        if near:
            return min(near, key=lambda rule: abs(rule.y - foot))
    low = [r for r in long if 0.25 * sheet.floor < r.y < 0.72 * sheet.floor and r.left < 2 * INCH]
    return low[0] if low else None


def numeral_places(sheet: Sheet) -> list[Place]:
    """Where numerals may stand, the likeliest first."""
    places: list[Place] = []
    right = sheet.width
    for word in (word for row in sheet.rows for word in row.words):
        x, y, width, height = word.box
        if x <= 0.4 * sheet.width or y >= 0.85 * sheet.floor:
            continue
        if re.search(r"[0-9][.,][0-9]{2}\**$", word.text):
            places.append(Place((x - 10, y - 6, width + 20, height + 12), marked=True))
        elif word.text.startswith("$"):
            middle = y + height // 2
            after = x + (width if len(word.text) == 1 else 0)
            # High enough for cents raised over the line.
            top = middle - round(0.27 * INCH)
            places.append(Place((after, top, right - after - 6, round(0.47 * INCH)), marked=True))
    if not places:
        places += [Place(box, marked=True) for box in _under_headings(sheet)]
    if not places:
        places += [Place(box, marked=False, plain=True) for box in _unread_writing(sheet)]
    rule = payee_rule(sheet)
    if rule is not None:
        start = max(rule.right + 8, round(0.6 * sheet.width))
        box = (start, rule.y - round(0.36 * INCH), right - start - 6, round(0.46 * INCH))
        places.append(Place(box, marked=False))
    return places[:3]


def _under_headings(sheet: Sheet) -> list[Box]:
    """What stands below the heading "Amount" of a printed row, as wide as that and an inch more."""
    found = []
    for word in (word for row in sheet.rows for word in row.words):
        x, y, width, height = word.box
        if word.text.strip(":").upper() == "AMOUNT" and x > 0.5 * sheet.width:
            left, right = x - INCH, min(sheet.width - 6, x + width + INCH // 2)
            found.append((left, y + height + 3, right - left, round(0.28 * INCH)))
    return found


def _unread_writing(sheet: Sheet) -> list[Box]:
    """Lines of ink at the right where the page reader saw no word, the widest first."""
    left, top, foot = (
        round(0.55 * sheet.width),
        round(0.08 * sheet.floor),
        round(0.75 * sheet.floor),
    )
    dark = np.asarray(sheet.clean[top:foot, left:] < _DARK, np.uint8)
    for x, y, width, height in (word.box for row in sheet.rows for word in row.words):
        dark[max(0, y - 2 - top) : max(0, y + height + 2 - top),
             max(0, x - 2 - left) : max(0, x + width + 2 - left)] = 0  # fmt: skip
    joined = cv2.dilate(dark, np.ones((1, round(0.12 * INCH)), np.uint8))
    _, _, stats, _ = components(joined)
    lines = [
        (int(x) + left - 8, int(y) + top - 6, int(wide) + 16, int(high) + 12)
        for x, y, wide, high, area in stats[1:]
        if 0.07 * INCH <= high <= 0.35 * INCH and wide >= max(3 * high, 0.3 * INCH)
        and area >= 0.4 * wide * high
    ]  # fmt: skip
    return sorted(lines, key=lambda box: -box[2])[:2]


def words_places(sheet: Sheet) -> list[Box]:
    """Lines that may hold the legal amount, the likeliest first."""
    places: list[Box] = []
    printed = [row for row in sheet.rows if _says_number(row)]
    payee = payee_rule(sheet)
    dollars = anchor(sheet, ("dollars",))
    for rule in sheet.rules:
        if rule.length < 2.2 * INCH or rule.left > 0.4 * sheet.width:
            continue
        below_payee = payee is not None and 0.18 * INCH <= rule.y - payee.y <= 0.75 * INCH
        by_label = (
            dollars is not None and abs(rule.y - dollars.box[1] - dollars.box[3]) < 0.25 * INCH
        )
        if below_payee or by_label:
            places.append(_band_before(sheet, rule, dollars.box if dollars else None))
    for row in printed:
        x, y, width, height = row.box
        if not any(_overlaps((x, y, width, height), place) for place in places):
            # The page reader often loses the first words behind asterisks.
            start = _after_label(row) or max(0, x - 3 * INCH)
            places.append((start, y - 8, sheet.width - start, height + 16))
    return places[:3]


def _after_label(row: Row) -> int | None:
    """Where the row goes on behind a label such as "Amount"; None when it begins with none."""
    end = None
    for word in row.words:
        if re.sub(r"[^a-z]", "", word.text.lower()) not in _LABELS:
            break
        end = word.box[0] + word.box[2] + 2
    return end


def _band_before(sheet: Sheet, rule: Rule, label: Box | None) -> Box:
    """The writing on a rule, without the printed "Dollars" at its end."""
    x, y, width, height = text_band(rule)
    x = max(0, min(x, round(0.25 * INCH)) if rule.left < 0.6 * INCH else x)
    # Writing hides parts of the rule: what is written may go on behind the rule's seen end.
    end = sheet.width - 6
    on_line = label is not None and y < label[1] + label[3] / 2 < y + height
    if label is not None and on_line and label[0] > x + INCH:
        end = label[0] - 4
    del width
    return x, y, min(end, sheet.width) - x, height


def _says_number(row: Row) -> bool:
    """Whether a printed row holds number words: two, or one that is a scale or has cents."""
    bare = [
        part
        for word in row.words
        for part in re.split(r"[^a-z]+", word.text.lower())
        if len(part) >= 3
    ]
    near = [
        process.extractOne(part, _NUMBER_WORDS, scorer=fuzz.ratio, score_cutoff=82) for part in bare
    ]
    found = [match[0] for match in near if match is not None]
    text = row.text.lower()
    if len(found) == 1 and _CENTS.search(text):
        return True
    said = set(_CENTS.findall(text))
    if len(said) >= 2 and not said <= {"dollars", "cents"}:  # a form's label says both
        return True
    return len(found) >= 2 or any(word in _SCALES for word in found)


def _overlaps(one: Box, other: Box) -> bool:
    middle = one[1] + one[3] / 2
    return other[1] <= middle <= other[1] + other[3]


def line_of_writing(clean: Pixels, box: Box) -> tuple[Pixels, Box] | None:
    """The one line of writing in ``box`` (see ``writing``) without what frames it.

    Fillers drawn behind the last word, a dark margin, and a printed label over the line are cut.
    """
    found = writing(clean, box)
    if found is None:
        return None
    crop, (x, y, width, _) = found
    top, bottom = _main_rows(crop)
    left, right = _main_columns(crop[top:bottom])
    if right - left < 8 or bottom - top < 8:
        return None
    cut_out = np.asarray(
        cv2.copyMakeBorder(
            crop[top:bottom, left:right], 4, 4, 6, 6, cv2.BORDER_CONSTANT, value=255.0
        ),
        np.uint8,
    )
    at = (x + max(0, left - _PAD), y + max(0, top - _PAD), min(width, right - left), bottom - top)
    return cut_out, at


def _main_rows(crop: Pixels) -> tuple[int, int]:
    """Where the line stands: of two lines over each other, the one with more ink."""
    inked = (crop < _DARK).sum(axis=1)
    rows = np.flatnonzero(inked)
    if not len(rows):
        return 0, 0
    breaks = np.flatnonzero(np.diff(rows) > _ROW_GAP)
    starts = [int(rows[0]), *(int(rows[b + 1]) for b in breaks)]
    ends = [*(int(rows[b]) + 1 for b in breaks), int(rows[-1]) + 1]
    spans = list(zip(starts, ends, strict=True))
    tall = [span for span in spans if span[1] - span[0] >= 14]
    if len(tall) < 2:
        amounts = [int(inked[start:end].sum()) for start, end in spans]
        real = [
            span for span, ink in zip(spans, amounts, strict=True) if ink >= _SPECK * max(amounts)
        ]
        return real[0][0], real[-1][1]
    return max(tall, key=lambda span: int(inked[span[0] : span[1]].sum()))


def _main_columns(crop: Pixels) -> tuple[int, int]:
    """From the first to the last mark that is neither a level stroke nor a solid margin."""
    _, _, stats, _ = components(np.asarray(crop < _DARK, np.uint8), connectivity=8)
    marks = stats[1:]
    wide, high, area = marks[:, 2], marks[:, 3], marks[:, 4]
    level = (high <= 14) & (wide >= 2.5 * high)
    solid = (high >= 0.75 * crop.shape[0]) & (wide >= 9) & (area >= 0.8 * wide * high)
    real = marks[~level & ~solid & (area >= 10)]
    real = _unframed(real[np.argsort(real[:, 0])])
    if not len(real):
        return 0, 0
    right = int((real[:, 0] + real[:, 2]).max())
    bars = marks[level & (marks[:, 0] <= right + 4)]
    if len(bars):
        right = max(right, int((bars[:, 0] + bars[:, 2]).max()))
    return int(real[:, 0].min()), right


def _unframed(marks: NDArray[np.int32]) -> NDArray[np.int32]:
    """Marks from left to right without the sides of a box or a margin at either end.

    Such are far taller than the writing, or thin and apart from it.
    """
    tall = marks[marks[:, 3] >= 14][:, 3]
    usual = float(np.median(tall)) if len(tall) else 0.0
    first, last = 0, len(marks)
    if len(marks):
        span = int((marks[:, 0] + marks[:, 2]).max())
        margin = (marks[:, 3] > 2.4 * usual) & (marks[:, 2] <= 0.45 * marks[:, 3])
        right = np.flatnonzero(margin & (marks[:, 0] > 0.75 * span))
        last = int(right[0]) if len(right) and right[0] > 0 else last
    while last - first > 1:
        inside = marks[first:last]
        if _is_side(
            inside[-1], usual, int(inside[-1, 0] - (inside[:-1, 0] + inside[:-1, 2]).max())
        ):
            last -= 1
        elif _is_side(inside[0], usual, int(inside[1:, 0].min() - inside[0, 0] - inside[0, 2])):
            first += 1
        else:
            break
    return marks[first:last]


def _is_side(mark: NDArray[np.int32], usual: float, gap: int) -> bool:
    wide, high = int(mark[2]), int(mark[3])
    narrow = wide <= 0.45 * high
    return (narrow and high > 1.7 * usual) or (wide <= 0.3 * high and gap > 30)
