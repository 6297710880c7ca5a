"""Checks that someone altered after they were written: fluid, erasure, overwriting, other ink."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.checks.cases import Case, Split, case, is_handwritten
from bench.checks.filled import Drawn
from bench.checks.hands import Hand, Rect, Stroke, write
from bench.checks.wording import numerals, words
from web.demo.check_facts import CheckFacts
from web.demo.sheet import Color, Sheet

How = Literal["second_ink", "fluid", "erased", "overwritten", "crossed_out"]
HOWS: tuple[How, ...] = get_args(How)
_INKS: tuple[Color, ...] = ((28, 44, 128), (30, 30, 36), (20, 30, 96), (24, 24, 26))
_OTHER_PAYEES = ("Cash", "J. Miller", "R & D Supply", "Tom Harper")
_UNLIKE = 60  # levels of red between two inks that a person would tell apart
_INK_DEPTH = 55  # levels darker than the paper
_PLACES: dict[How, tuple[str, ...]] = {
    "second_ink": ("numerals",), "overwritten": ("numerals",),
    "fluid": ("numerals", "words", "payee"), "erased": ("numerals", "words", "payee"),
    "crossed_out": ("numerals", "words"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Altered:
    """An altered check: ``how`` and on which ``place``; its truth is the unaltered check's."""

    case: Case
    how: How
    place: str


def altered(seed: int, count: int, *, split: Split = "tune") -> Iterator[Altered]:
    """``count`` altered checks: handwritten cases of ``seed`` with one alteration each, in turn."""
    index = made = 0
    while made < count:
        if is_handwritten(seed, index, split=split):
            yield altered_case(seed, index, HOWS[made % len(HOWS)], split=split)
            made += 1
        index += 1


def altered_case(seed: int, index: int, how: How, *, split: Split = "tune") -> Altered:
    """The handwritten case of this seed and index, altered; all else of it is the same."""
    rng = random.Random(f"altered checks:{split}:{seed}:{index}:{how}")
    place = rng.choice(_PLACES[how])

    def alter(drawn: Drawn, facts: CheckFacts, hand: Hand) -> None:
        _alter(drawn, facts, hand, how, place, rng)

    return Altered(case(seed, index, split=split, alter=alter), how, place)


def _alter(drawn: Drawn, facts: CheckFacts, hand: Hand, how: How, place: str,
           rng: random.Random) -> None:  # fmt: skip
    rect = drawn.places[place]
    if how == "second_ink":
        _recolour(drawn.sheet, rect, rng)
    elif how == "overwritten":
        _overwrite(drawn.sheet, rect, hand, rng)
    elif how == "crossed_out":
        _cross_out(drawn.sheet, rect, hand, rng)
        lift = (rect[3] - rect[1]) * rng.uniform(0.85, 1.05)
        _write_again(drawn.sheet, rect, facts, place, hand, rng, lift=lift, size=0.8)
    else:
        covered = _cover(drawn.sheet, rect, rng, rubbed=how == "erased")
        _write_again(drawn.sheet, covered, facts, place, hand, rng)


def _other_ink(ink: Color, rng: random.Random) -> Color:
    """The ink of another pen: one that differs to the eye."""
    unlike = [one for one in _INKS if abs((one[2] - one[0]) - (ink[2] - ink[0])) > _UNLIKE]
    return rng.choice(unlike or list(_INKS))


def _write_again(sheet: Sheet, rect: Rect, facts: CheckFacts, place: str, hand: Hand,
                 rng: random.Random, *, lift: float = 0.0, size: float = 1.0) -> None:  # fmt: skip
    """Other words or figures where the old ones were, often by another pen."""
    cents = facts.cents + rng.choice((10_000, 50_000, 90_000, 3_000))
    text: tuple[Stroke, ...] | str = rng.choice(_OTHER_PAYEES)
    if place == "numerals":
        text = numerals(rng, cents, sign_printed=True)[0]
    elif place == "words":
        text = words(rng, cents, label_printed=True)[0]
    pen = hand if rng.random() < 0.5 else replace(hand, ink=_other_ink(hand.ink, rng))
    write(sheet, rng, pen, rect[0] + rng.uniform(0, 0.05), rect[3] - 0.02 - lift, text, size=size,
          fit=max(0.4, rect[2] - rect[0]))  # fmt: skip


def _cover(sheet: Sheet, rect: Rect, rng: random.Random, *, rubbed: bool) -> Rect:
    """Paint over what is written there, or rub it off with the pattern of the paper.

    Of a long line it is a part, which comes back.
    """
    x0, y0, x1, y1 = rect
    if x1 - x0 > 1.2:  # of long lines a part
        start = rng.uniform(0.0, 0.4) * (x1 - x0)
        x0, x1 = x0 + start, x0 + start + rng.uniform(0.8, 0.6 * (x1 - x0) + 0.3)
    pad = rng.uniform(0.02, 0.06)
    left, top = max(0, sheet.px(x0 - pad)), max(0, sheet.px(y0 - pad))
    right, bottom = sheet.px(x1 + pad), sheet.px(y1 + pad)
    pixels = np.asarray(sheet.image.crop((left, top, right, bottom)), np.float32)
    high, wide = pixels.shape[:2]
    mask = _blot(high, wide, sheet.dpi, rng, soft=0.03 if rubbed else 0.006)[..., None]
    paper = np.percentile(pixels.reshape(-1, 3), 70, axis=0)
    if rubbed:
        # The upper fibres go, with the print on them; a trace of the ink stays.
        light = paper + (255 - paper) * rng.uniform(0.45, 0.85)
        mask = mask * rng.uniform(0.86, 0.97)
    else:
        light = np.array([rng.uniform(246, 253)] * 3, np.float32)
    mixed = pixels * (1 - mask) + np.asarray(light, np.float32) * mask
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, 1.2, (high, wide, 1))
    done = np.clip(mixed + grain * mask, 0, 255).astype(np.uint8)
    sheet.image.paste(Image.fromarray(done), (left, top))
    return x0, y0, x1, y1


def _blot(high: int, wide: int, dpi: int, rng: random.Random, *,
          soft: float) -> NDArray[np.float32]:  # fmt: skip
    """A few strokes of a brush or rubber that cover most of a rectangle, 0 to 1."""
    mask = np.zeros((high, wide), np.uint8)
    thick = round(dpi * rng.uniform(0.07, 0.11))
    rows = max(1, round(high / (0.7 * thick)))
    for row in range(rows):
        y = thick / 2 + (high - thick) * (row / max(1, rows - 1))
        ends = rng.uniform(0, 0.06) * wide + thick / 2, wide * rng.uniform(0.94, 1) - thick / 2
        a, b = (round(end) for end in ends)
        tilt = rng.uniform(-0.15, 0.15) * thick
        cv2.line(mask, (a, round(y - tilt)), (b, round(y + tilt)), 255, thick)
    edge = cv2.GaussianBlur(mask, (0, 0), max(0.6, soft * dpi)).astype(np.float32)
    return np.asarray(edge / np.float32(255), np.float32)


def _ink(sheet: Sheet, rect: Rect) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """What is darker than the paper in a rectangle, and the rectangle's corner in pixels."""
    left, top = max(0, sheet.px(rect[0])), max(0, sheet.px(rect[1]))
    part = np.asarray(sheet.image.crop((left, top, sheet.px(rect[2]), sheet.px(rect[3]))))
    gray = part.astype(np.float32).mean(axis=2)
    return np.asarray(gray < np.median(gray) - _INK_DEPTH, np.uint8), (left, top)


def _figures(ink: NDArray[np.uint8]) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
    """Labels of the ink, and the statistics of marks as large as figures, with their number."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    figures = [
        np.append(stats[k], k)
        for k in range(1, count)
        if stats[k, 3] > 0.5 * ink.shape[0] and 0.2 * stats[k, 3] < stats[k, 2] < 1.2 * stats[k, 3]
    ]
    return np.asarray(labels, np.int32), figures


def _recolour(sheet: Sheet, rect: Rect, rng: random.Random) -> None:
    """Some of the figures come from another pen."""
    ink, (left, top) = _ink(sheet, rect)
    labels, figures = _figures(ink)
    chosen = rng.sample(figures, min(len(figures), rng.choice((1, 2))))
    for figure in chosen:
        mark = np.asarray(labels == figure[5], np.uint8) * 255
        at = Image.fromarray(mark)
        place = Image.new("RGB", at.size, _other_ink(_colour(sheet, labels == figure[5], left, top),
                                                     rng))  # fmt: skip
        sheet.image.paste(place, (left, top), at)


def _colour(sheet: Sheet, mark: NDArray[np.bool_], left: int, top: int) -> Color:
    high, wide = mark.shape
    part = np.asarray(sheet.image.crop((left, top, left + wide, top + high)))[mark]
    red, green, blue = (int(value) for value in np.median(part, axis=0))
    return red, green, blue


def _overwrite(sheet: Sheet, rect: Rect, hand: Hand, rng: random.Random) -> None:
    """A figure made into another by pressing the new one over the old."""
    ink, (left, top) = _ink(sheet, rect)
    _, figures = _figures(ink)
    pressed = replace(hand, weight=min(1.0, hand.weight + rng.uniform(0.2, 0.6)), opacity=1.0,
                      slant=hand.slant * 0.5)  # fmt: skip
    if figures:
        x, y, _, high = (int(value) for value in rng.choice(figures)[:4])
        tall = high / sheet.dpi
        start, foot = (left + x) / sheet.dpi, (top + y + high) / sheet.dpi
    else:
        tall = rect[3] - rect[1]
        start, foot = (rect[0] + rect[2]) / 2, rect[3]
    write(sheet, rng, pressed, start - rng.uniform(0, 0.03), foot, rng.choice("0346789"),
          size=min(1.3, tall / hand.digit))  # fmt: skip


def _cross_out(sheet: Sheet, rect: Rect, hand: Hand, rng: random.Random) -> None:
    """One or two lines through the middle."""
    x0, y0, x1, y1 = rect
    for _ in range(rng.choice((1, 2))):
        y = y0 + (y1 - y0) * rng.uniform(0.38, 0.62)
        drift = rng.uniform(-0.03, 0.03)
        middle = ((x0 + x1) / 2, y + rng.uniform(-0.015, 0.015))
        sheet.scribble([(x0 - 0.03, y - drift), middle, (x1 + 0.03, y + drift)],
                       max(0.7, 1.0 + 0.5 * hand.weight), hand.ink)  # fmt: skip
