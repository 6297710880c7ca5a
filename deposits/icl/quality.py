"""Image quality as banks test it (record 54): each condition with its measure and its limit.

The names are those of X9.100-187's image view analysis, and beside them those that the Financial
Services Technology Consortium tested first: front and back of other sizes, a corner folded or
torn, spots. A condition is a suspicion: a person may send the item all the same, by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from deposits.icl.group4 import Bits
from deposits.icl.limits import LIMITS, Limits
from deposits.icl.views import DPI, View
from intake.types import Page, Pixels
from ocr.check_region import CheckRegion
from ocr.quality import measure

_CORNER_STEPS = (0.2, 0.3, 0.45, 0.7, 1.0)
_CORNER_DARK = 0.85
_SPOT_PIXELS = (3, 90)
_SPOT_ALONE = 9


@dataclass(frozen=True, slots=True)
class Suspect:
    """One condition: its name, what was measured, and the limit it broke."""

    name: str
    side: str
    found: float
    limit: float

    def to_json(self) -> dict[str, Any]:
        """``{name, side, found, limit}``."""
        return {
            "name": self.name, "side": self.side, "found": round(self.found, 4),
            "limit": self.limit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capture:
    """What only the page told: how much of the check lies outside it, and what lies beside it.

    ``outside_share`` of the check's area; ``others`` counts further checks in the same document;
    ``back_ratio`` is the back's width over its height by that of the front, None without a back.
    """

    outside_share: float = 0.0
    others: int = 0
    back_ratio: float | None = None


def capture(
    page: Page, region: CheckRegion, *, others: int = 0, back: Pixels | None = None
) -> Capture:
    """Measure where the check lies on its page, and the shape of the picture of its back."""
    high, wide = region.pixels.shape[:2]
    corners = np.array([[0, 0, 1], [wide, 0, 1], [wide, high, 1], [0, high, 1]], np.float64).T
    placed = region.to_page @ corners
    placed = (placed[:2] / placed[2]).T.astype(np.float32)
    whole = page.pixels.shape[:2]
    frame = np.array([[0, 0], [whole[1], 0], [whole[1], whole[0]], [0, whole[0]]], np.float32)
    inside, _ = cv2.intersectConvexConvex(placed, frame)
    area = float(abs(cv2.contourArea(placed)))
    ratio = None
    if back is not None and back.size:
        tall, broad = back.shape[:2]
        ratio = (broad / max(tall, 1)) / (wide / max(high, 1))
    return Capture(max(0.0, 1.0 - float(inside) / area) if area else 1.0, others, ratio)


def suspects(
    front: View, back: View, known: Capture, limits: Limits = LIMITS
) -> tuple[Suspect, ...]:
    """Every condition that both views and their capture raise, front first."""
    found = [*_of_side(front, "front", limits)]
    if not back.made:
        found += _of_side(back, "back", limits)
    if known.outside_share > limits.outside_share:
        found.append(Suspect("partial_image", "front", known.outside_share, limits.outside_share))
    if known.others:
        found.append(Suspect("piggyback", "front", known.others, 0.0))
    if known.back_ratio is not None and 1.5 < known.back_ratio * _shape(front) < 4.0:
        differs = abs(known.back_ratio - 1.0)
        if differs > limits.size_difference:
            found.append(Suspect("front_back_size", "back", differs, limits.size_difference))
    return tuple(found)


def analysis(found: tuple[Suspect, ...], side: str) -> dict[str, int]:
    """Record 54's fields for one side: 1 a defect, 2 tested and none."""
    names = {each.name for each in found if each.side == side}
    told = {
        "partial_image": {"partial_image", "folded_corner"}, "excessive_skew": {"skew"},
        "piggyback": {"piggyback"}, "too_light_dark": {"too_light", "too_dark"},
        "streaks_bands": {"streaks"}, "below_min_size": {"below_minimum_size"},
        "exceeds_max_size": {"above_maximum_size"},
    }  # fmt: skip
    fields_ = {field: 1 if names & those else 2 for field, those in told.items()}
    return {"global_image_quality": 1 if names else 2, **fields_}


def _shape(view: View) -> float:
    return float(view.ink.shape[1] / max(view.ink.shape[0], 1))


def _of_side(view: View, side: str, limits: Limits) -> Iterator[Suspect]:
    width, height = view.inches
    ink = float(view.ink.mean())
    # The size is the front's: the back was made as large.
    if side == "front":
        if width < limits.least_width:
            yield Suspect("below_minimum_size", side, width, limits.least_width)
        elif height < limits.least_height:
            yield Suspect("below_minimum_size", side, height, limits.least_height)
        if width > limits.most_width:
            yield Suspect("above_maximum_size", side, width, limits.most_width)
        elif height > limits.most_height:
            yield Suspect("above_maximum_size", side, height, limits.most_height)
    least = limits.least_ink if side == "front" else limits.least_ink_back
    if ink < least:
        yield Suspect("too_light", side, ink, least)
    if ink > limits.most_ink:
        yield Suspect("too_dark", side, ink, limits.most_ink)
    taken = measure(np.where(view.ink, 0, 255).astype(np.uint8))
    if side == "front" and abs(taken.skew_degrees) > limits.skew_degrees:
        yield Suspect("skew", side, abs(taken.skew_degrees), limits.skew_degrees)
    if taken.streak > limits.streak_share:
        yield Suspect("streaks", side, taken.streak, limits.streak_share)
    corner = folded_inches(view)
    if corner > limits.corner_inches:
        yield Suspect("folded_corner", side, corner, limits.corner_inches)
    spots = spots_per_inch(view.ink)
    if spots > limits.spots_per_inch:
        yield Suspect("spots", side, spots, limits.spots_per_inch)


def folded_inches(view: View) -> float:
    """The legs of the largest corner that is dark all over: paper is missing there; inches."""
    dark = (view.shades < 0.55 * float(np.percentile(view.shades[::4, ::4], 80))) | view.ink
    found = 0.0
    for turned in (dark, dark[:, ::-1], dark[::-1], dark[::-1, ::-1]):
        for legs in _CORNER_STEPS:
            size = round(legs * DPI)
            if size > min(turned.shape) or _triangle(turned[:size, :size]) < _CORNER_DARK:
                break
            found = max(found, legs)
    return found


def _triangle(corner: Bits) -> float:
    size = corner.shape[0]
    inside = np.add.outer(np.arange(size), np.arange(size)) < size
    return float(corner[inside].mean())


def spots_per_inch(ink: Bits) -> float:
    """Small marks that stand alone, a square inch."""
    # The dot of an i, a broken rule, small print: all have company. A spot has none.
    grown = cv2.dilate(ink.astype(np.uint8), np.ones((2 * _SPOT_ALONE + 1,) * 2, np.uint8))
    count, labels = cv2.connectedComponents(grown, connectivity=8)
    pixels = np.bincount(labels[ink], minlength=count)[1:]
    alone = int(((pixels >= _SPOT_PIXELS[0]) & (pixels <= _SPOT_PIXELS[1])).sum())
    return float(alone * DPI**2 / ink.size)
