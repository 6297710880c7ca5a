"""A row of bars, straightened and measured: how sure each half bar is there, and which are hidden.

A half bar is judged against the paper beside it at the same height, so that shades, blur and
pen strokes that cover both weigh little; what cannot be told from what is beside it is left 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr import imb
from ocr.imb_level import HIGH, ink_of, levelled, straightened, strip_of
from ocr.imb_places import FEWEST, LONGEST_GAP, STEP, belonging, places_across, places_of, standing
from ocr.imb_rows import Row
from ocr.imb_soft import STRONGEST

_Array = NDArray[np.float64]
_EDGE = 0.7
_ASIDE = 1.0  # bars beyond a row's ends that are looked at where its middle is hidden
_REACH = 1.35  # heights of the tracker band that a bar goes beyond it at the most
_CLEAR = 4  # pixels of the strip beyond that: there is paper for .028 in
_TALLEST = 18  # pixels of the strip: the tallest tracker, at the closest pitch, and blur
_BAND_SHARES = (0.74, 0.82, 0.88, 0.92, 0.95, 0.97)  # of the darkest row
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
    strip = straightened(gray, row)
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


def across(gray: Pixels, row: Row, ends: tuple[float, float]) -> Iterator[Sampled]:
    """What a row says whose middle is hidden, at the numbers of hidden bars that fit it.

    ``ends`` are the lengths in pixels of the parts that show, at the row's start and end.
    """
    longs = [round(length / row.pitch * STEP) for length in ends]
    rough = strip_of(gray, row, 1.0)
    columns = _shown(rough.shape[1], longs)
    row = levelled(rough[:, columns], row, columns, rough.shape[1])
    strip = strip_of(gray, row, _ASIDE)
    wide = strip.shape[1]
    columns = _shown(wide, longs)
    ink = ink_of(strip, columns)
    if ink is None:
        return
    rows = _tracker_rows(ink[:, columns])
    if rows is None:
        return
    profile = ink[rows[0] : rows[1]].mean(axis=0)
    first, last = longs[0] + round(2 * _ASIDE * STEP), wide - longs[1] - round(2 * _ASIDE * STEP)
    for places, own in places_across(profile, slice(0, first), slice(max(first, last), wide)):
        visible = standing(profile, places) & own
        yield from _windows(ink, places, visible, rows, row)


def _shown(wide: int, longs: Sequence[int]) -> NDArray[np.int64]:
    """Columns of a strip that lie in the parts that show."""
    margin = round(STEP)
    first, last = margin + longs[0], wide - margin - longs[1]
    return np.concatenate([np.arange(margin, first), np.arange(max(first, last), wide - margin)])


def _windows(
    ink: _Array, places: _Array, visible: NDArray[np.bool_], band: tuple[int, int], row: Row
) -> Iterator[Sampled]:
    """The stretches of 65 bars in which most can be seen, best first."""
    if int(visible.sum()) < imb.BARS - LONGEST_GAP:
        visible = visible & ~_overlong(ink, places, *band)
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


def _overlong(ink: _Array, places: _Array, top: int, bottom: int) -> NDArray[np.bool_]:
    """Bars that go on where the standard asks for paper: those of a label's own barcode."""
    reach = round(_REACH * (bottom - top))
    up, down = max(_CLEAR, top - reach), min(HIGH - _CLEAR, bottom + reach)
    beyond = (slice(up - _CLEAR, up), slice(down, down + _CLEAR))
    bars = _sample(ink, places[None, :])[0]
    return np.asarray(np.any([bars[zone].mean(axis=0) > 0.5 for zone in beyond], axis=0))


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


def _tracker_rows(ink: _Array) -> tuple[int, int] | None:
    """First and past-the-last row of the band that every bar crosses."""
    middle = ink.mean(axis=1)
    centre = slice(HIGH // 5, HIGH - HIGH // 5)
    peak = float(middle[centre].max())
    if peak < 0.08:
        return None
    at = int(middle[centre].argmax()) + HIGH // 5
    for share in _BAND_SHARES:
        top = bottom = at
        while top > 0 and middle[top - 1] >= share * peak:
            top -= 1
        while bottom < HIGH - 1 and middle[bottom + 1] >= share * peak:
            bottom += 1
        if bottom + 1 - top <= _TALLEST:
            break  # else nearly all bars go up, or nearly all go down
    return (top, bottom + 1) if 2 <= bottom + 1 - top <= HIGH // 3 else None


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
    reach = max(4, int(_REACH * height))
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
