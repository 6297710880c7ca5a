"""A row of bars, straightened and measured: how sure each half bar is there, and which are hidden.

A half bar is judged against the paper beside it at the same height, so that shades, blur and
pen strokes that cover both weigh little; what cannot be told from what is beside it is left 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr import imb
from ocr.imb_places import FEWEST, LONGEST_GAP, STEP, belonging, places_of, standing
from ocr.imb_rows import Row
from ocr.imb_soft import STRONGEST

_Array = NDArray[np.float64]
_HIGH = 92  # of the straightened strip: .35 in at that pitch
_LEAN = 10
_EDGE = 0.7
_LOST = 3  # bars that a whole code may lack at its ends; more, and it is a part
_BESIDE = 4  # bars more than a code has that may be tried as part of it


@dataclass(frozen=True, slots=True)
class Sampled:
    """65 x 2 likelihoods, 0 where hidden; ``seen`` bars; ``clear``: the median of those seen.

    The first of ``bars`` stands at ``start`` on the page, the last at ``end``.
    """

    likelihoods: _Array
    seen: int
    clear: float
    start: tuple[float, float]
    end: tuple[float, float]
    bars: int


def sampled(gray: Pixels, row: Row) -> Iterator[Sampled]:
    """What the row says, at the places along the code that it fits best; none if it is no code.

    A row shorter than a code stands at the code's left end; which place is right, only the
    list of mailed pieces can tell.
    """
    strip = _straightened(gray, row)
    if strip is None:
        return
    ink, own, row = strip
    rows = _tracker_rows(ink[:, own])
    if rows is None:
        return
    top, bottom = rows
    profile = ink[top:bottom].mean(axis=0)
    places = places_of(profile, own)
    if places is None:
        return
    visible = standing(profile, places)
    visible &= belonging(visible, places, own)
    yield from _windows(ink, places, visible, (top, bottom), row)


def _windows(
    ink: _Array, places: _Array, visible: NDArray[np.bool_], band: tuple[int, int], row: Row
) -> Iterator[Sampled]:
    """The stretches of 65 bars in which most can be seen, best first."""
    shown = np.flatnonzero(visible)
    if len(shown) < FEWEST:
        return
    places, visible = places[shown[0] : shown[-1] + 1], visible[shown[0] : shown[-1] + 1]
    extra = len(places) - imb.BARS
    if extra > _BESIDE:
        # More than a code has: what stands beside it is cut off where fewest are seen.
        counts = np.convolve(visible, np.ones(imb.BARS), "valid")
        starts = np.argsort(-counts, kind="stable")[:_BESIDE].tolist()
    else:
        starts = list(range(max(0, extra) + 1))
    for start in starts:
        chosen = slice(start, start + imb.BARS)
        values = _likelihoods(ink, places[chosen], visible[chosen], *band)
        if values is None:
            continue
        _doubt_edges(values)
        strong = np.abs(values[np.any(values != 0.0, axis=1)])
        if len(strong) < FEWEST:
            continue
        first, last = (_on_page(row, ink.shape[1], float(places[chosen][at])) for at in (0, -1))
        missing = imb.BARS - len(values)
        for shift in range(missing + 1 if missing <= _LOST else 1):
            whole = np.zeros((imb.BARS, 2))
            whole[shift : shift + len(values)] = values
            yield Sampled(whole, len(strong), float(np.median(strong)), first, last, len(values))


def _doubt_edges(values: _Array) -> None:
    """Bars beside what hides others may be cut by its edge, or be that edge: they weigh less."""
    shown = np.flatnonzero(np.any(values != 0.0, axis=1))
    if len(values) == imb.BARS and len(shown) > imb.BARS - LONGEST_GAP:
        return
    ends = np.flatnonzero(np.diff(shown) > LONGEST_GAP)
    edges = np.unique(np.concatenate([shown[:1], shown[-1:], shown[ends], shown[ends + 1]]))
    values[edges] *= _EDGE


def _on_page(row: Row, wide: int, column: float) -> tuple[float, float]:
    """Where a column of the strip stands on the page."""
    along = (column - wide / 2) * row.pitch / STEP
    return row.x + along * row.along_x, row.y + along * row.along_y


def _straightened(gray: Pixels, row: Row) -> tuple[_Array, slice, Row] | None:
    """Ink (0 to 1) along the row's line at `STEP` pixels a bar, which columns are the row's, and
    the row levelled.

    It goes on past both ends as far as a whole code may.
    """
    bars = row.length / row.pitch + 1
    margin = max(4.0, imb.BARS - bars + 3.0)
    if not FEWEST <= bars <= 90:
        return None
    rough = _strip(gray, row, 0.0, 0.0, 0.0)
    row = _levelled(rough, row)
    wide = _strip(gray, row, 0.0, 0.0, margin)
    first = round(margin * STEP)
    own = slice(first, max(first + 1, wide.shape[1] - first))
    dark, light = (float(v) for v in np.percentile(wide[:, own], (4, 85)))
    if light - dark < 25:
        return None
    return np.clip((light - wide.astype(np.float64)) / (light - dark), 0.0, 1.0), own, row


def _levelled(rough: Pixels, row: Row) -> Row:
    """The row turned and moved a little: its tracker band is sharpest where it is level."""
    dark = 255.0 - rough
    blocks = np.array_split(dark, 16, axis=1)
    profiles = np.stack([block.mean(axis=1) for block in blocks])
    level = profiles[np.arange(16)[None, :, None], _leans()].mean(axis=1)
    best = int(np.square(level).sum(axis=1).argmax()) - _LEAN
    turn = best / max(1, rough.shape[1])
    along = np.array([row.along_x - turn * row.along_y, row.along_y + turn * row.along_x])
    along /= np.hypot(*along)
    return Row(row.x, row.y, float(along[0]), float(along[1]), row.length, row.pitch)


@cache
def _leans() -> NDArray[np.int64]:
    """Rows to take of each of 16 blocks for each lean (pixels of the strip from end to end)."""
    lean = np.arange(-_LEAN, _LEAN + 1)
    shift = np.round(lean[:, None] * (np.arange(16) - 7.5) / 16).astype(int)
    rows = np.clip(np.arange(_HIGH) + shift[:, :, None], 0, _HIGH - 1)
    return np.asarray(rows, np.int64)


def _strip(gray: Pixels, row: Row, right: float, down: float, margin: float) -> Pixels:
    """The pixels around the row, level, with ``margin`` bars more at both ends."""
    scale = row.pitch / STEP  # source pixels for one strip pixel
    length = round(row.length / scale + 2 * margin * STEP)
    cos, sin = scale * row.along_x, scale * row.along_y
    half, middle = _HIGH / 2 - down, length / 2 - right
    matrix = np.array(
        [[cos, -sin, row.x - cos * middle + sin * half],
         [sin, cos, row.y - sin * middle - cos * half]]
    )  # fmt: skip
    return np.asarray(
        cv2.warpAffine(gray, matrix, (length, _HIGH),
                       flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                       borderMode=cv2.BORDER_REPLICATE), np.uint8
    )  # fmt: skip


def _tracker_rows(ink: _Array) -> tuple[int, int] | None:
    """First and past-the-last row of the band that every bar crosses."""
    middle = ink.mean(axis=1)
    centre = slice(_HIGH // 5, _HIGH - _HIGH // 5)
    peak = float(middle[centre].max())
    if peak < 0.08:
        return None
    at = int(middle[centre].argmax()) + _HIGH // 5
    top = bottom = at
    while top > 0 and middle[top - 1] >= 0.74 * peak:
        top -= 1
    while bottom < len(middle) - 1 and middle[bottom + 1] >= 0.74 * peak:
        bottom += 1
    return (top, bottom + 1) if 2 <= bottom + 1 - top <= _HIGH // 3 else None


def _likelihoods(
    ink: _Array, places: _Array, visible: NDArray[np.bool_], top: int, bottom: int
) -> _Array | None:
    """How sure each half bar is there: +2 at those that clearly are, -2 at those that are not."""
    height = bottom - top
    columns = np.stack([places - 1.0, places, places + 1.0])
    bars = _sample(ink, columns).mean(axis=0)
    gaps_at = np.concatenate([places - STEP / 2, places[-1:] + STEP / 2])
    gaps = _sample(ink, np.stack([gaps_at - 0.5, gaps_at + 0.5])).mean(axis=0)
    beside = (gaps[:, :-1] + gaps[:, 1:]) / 2
    tracker = (bars - beside)[top:bottom].mean(axis=0)
    usual = float(np.median(tracker[visible])) if visible.any() else 0.0
    if usual < 0.08:
        return None
    reach = max(4, int(1.35 * height))
    shown = (bars - 0.5 * beside)[:, visible].mean(axis=1)
    band = float(shown[top:bottom].mean())
    above = _extent(shown[max(0, top - reach) : top][::-1], band)
    below = _extent(shown[bottom : bottom + reach], band)
    zones = (
        slice(bottom + round(0.25 * below), bottom + max(round(0.8 * below), 3)),
        slice(max(0, top - max(round(0.8 * above), 3)), max(1, top - round(0.25 * above))),
    )
    values, known = np.zeros((len(places), 2)), np.zeros((len(places), 2), np.bool_)
    for half, zone in enumerate(zones):
        paper = np.maximum(gaps[zone, :-1], gaps[zone, 1:])
        clear = paper < max(0.6, 1.0 - 0.6 * usual)
        share = clear.mean(axis=0)
        contrast = np.where(clear, bars[zone] - beside[zone], 0.0).sum(axis=0)
        values[:, half] = contrast / np.maximum(1, clear.sum(axis=0)) / usual
        known[:, half] = visible & (share >= 0.4)
    return _split(values, known)


def _sample(ink: _Array, columns: _Array) -> _Array:
    """Ink of all rows at fractional columns: k x n columns give k x rows x n."""
    low = np.clip(np.floor(columns).astype(int), 0, ink.shape[1] - 2)
    part = np.clip(columns - low, 0.0, 1.0)
    taken = ink[:, low] * (1 - part) + ink[:, low + 1] * part
    return np.asarray(np.moveaxis(taken, 1, 0))


def _split(values: _Array, known: NDArray[np.bool_]) -> _Array | None:
    """Likelihoods from contrasts: two means, the middle of them 0."""
    some = values[known]
    if len(some) < FEWEST:
        return None
    low, high = 0.0, 1.0
    for _ in range(8):
        cut = (low + high) / 2
        dark, light = some[some > cut], some[some <= cut]
        if not dark.size or not light.size:
            return None
        low, high = float(light.mean()), float(dark.mean())
    span = max(0.3, high - low)
    scaled = 2 * STRONGEST * (values - (low + high) / 2) / span
    return np.where(known, np.clip(scaled, -STRONGEST, STRONGEST), 0.0)


def _extent(rows: _Array, band: float) -> int:
    """How many rows out from the tracker the half bars reach."""
    strong = np.flatnonzero(rows > 0.18 * band)
    return max(3, int(strong[-1]) + 1) if strong.size else 3
