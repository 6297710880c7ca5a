"""Where an Intelligent Mail barcode lies in an image, and what its bars look like.

Geometry of USPS-B-3200: 20 to 24 bars an inch, bars .015 to .025 in wide, full bars .125 to
.165 in and trackers .039 to .057 in high; the tolerances here are wider on purpose, since the
barcode's own check decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.types import Box, Pixels
from ocr import imb
from ocr.components import components

_Array = NDArray[np.float64]
_PITCH = 12.0  # pixels from bar to bar after straightening
_STRIP = 92  # height of the straightened strip: .35 in at that pitch
_FEWEST = 30
_MOST_BARS = 20_000  # of a page; the densest page of type has a few thousand marks of their size
_MOST_CHAINS = 6
_MOST_BESIDE = 64  # bars in a band's tenth of an inch; where a barcode stands there are 2 or 3
_GUESSED_DPI = (200.0, 300.0, 125.0)


@dataclass(frozen=True, slots=True)
class Found:
    """A decoded barcode, its place on the page, and whether every bar was plain to see."""

    code: imb.Imb
    box: Box
    exact: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """Centres of bars that stand in a row, left to right, in the turned image."""

    centres: _Array
    height: float


def find(pixels: Pixels, dpi: float | None) -> Found | None:
    """The page's Intelligent Mail barcode, or None; never a guess (see `imb.decode_soft`)."""
    gray = to_gray(pixels)
    gray = np.ascontiguousarray(gray, np.uint8)
    for smooth in (False, True):
        seen = cv2.GaussianBlur(gray, (3, 3), 0) if smooth else gray
        for quarter in (False, True):
            image = cv2.rotate(seen, cv2.ROTATE_90_CLOCKWISE) if quarter else seen
            for scale in (dpi,) if dpi else _GUESSED_DPI:
                found = _find_level(np.ascontiguousarray(image, np.uint8), scale)
                if found is not None:
                    code, box, exact = found
                    return Found(code, _turned_back(box, gray.shape[0]) if quarter else box, exact)
    return None


def _turned_back(box: Box, height: int) -> Box:
    """A box of the page turned clockwise, on the page as given."""
    x, y, width, tall = box
    return (y, height - x - width, tall, width)


def _find_level(gray: Pixels, dpi: float) -> tuple[imb.Imb, Box, bool] | None:
    """Look for rows of bars that run left to right and decode the first that passes."""
    for run in _runs(gray, dpi):
        for likelihoods in _sampled(gray, run):
            bars = "".join(
                "TDAF"[int(down > 0) + 2 * int(up > 0)] for down, up in likelihoods.tolist()
            )
            code = imb.decode(bars)
            exact = code is not None and float(np.median(np.abs(likelihoods))) > 1.0
            code = code if exact else imb.decode_soft(likelihoods)
            if code is not None:
                left, top = run.centres.min(axis=0)
                right, bottom = run.centres.max(axis=0)
                pad = run.height
                x, y = max(0, int(left - pad / 3)), max(0, int(top - pad))
                width = min(gray.shape[1], int(right + pad / 3)) - x
                return code, (x, y, width, min(gray.shape[0], int(bottom + pad)) - y), exact
    return None


def _runs(gray: Pixels, dpi: float) -> Iterator[_Run]:
    """Rows of bar-shaped components, longest first (section 5 of the reference, pass 1)."""
    block = max(3, int(0.18 * dpi) | 1)
    ink = cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 12
    )
    _, _, stats, centroids = components(ink, connectivity=8)
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    keep = (
        (width >= max(1.0, 0.007 * dpi))
        & (width <= 0.05 * dpi)
        & (height >= 0.028 * dpi)
        & (height <= 0.23 * dpi)
        & (height > 1.15 * width)
        & (area > 0.5 * width * height)
    )
    keep[0] = False
    if not _FEWEST <= int(keep.sum()) <= _MOST_BARS:
        return
    centres, heights = centroids[keep], height[keep].astype(np.float64)
    order = np.lexsort((centres[:, 1], centres[:, 0]))
    centres, heights = centres[order], heights[order]
    for members in _chains(np.asarray(centres, np.float64), dpi):
        yield _Run(
            np.asarray(centres[members], np.float64), float(np.percentile(heights[members], 90))
        )


def _chains(centres: _Array, dpi: float) -> list[list[int]]:
    """Groups of at least `_FEWEST` bars, each bar joined to the nearest one on its right.

    ``centres`` are in order of x, then y.
    """
    count = len(centres)
    followers = [-1] * count
    taken = [False] * count
    for index, best in enumerate(_nearest_right(centres, dpi).tolist()):
        if best >= 0 and not taken[best]:
            followers[index], taken[best] = best, True
    chains: list[list[int]] = []
    for index in range(count):
        if taken[index]:
            continue
        chain = [index]
        while followers[chain[-1]] >= 0:
            chain.append(followers[chain[-1]])
        if len(chain) >= _FEWEST:
            chains.append(chain)
    return sorted(chains, key=lambda chain: (-len(chain), chain[0]))[:_MOST_CHAINS]


def _nearest_right(centres: _Array, dpi: float) -> NDArray[np.int64]:
    """For each bar the nearest one on its right that may be the next of its row; -1 for none.

    Bars are kept by bands as high as a next bar may stand off, so that each is compared with
    its neighbours only, however many bars stand above and below it on the page.
    """
    reach, slack = 0.10 * dpi, 0.055 * dpi
    x, y = centres[:, 0], centres[:, 1]
    band = np.floor(y / (slack + 0.25 * reach)).astype(np.int64)
    # One sorted number for band and x: bands lie further apart than any two bars of one.
    apart = float(x.max() - x.min()) + 2 * reach + 1.0
    place = band * apart + (x - x.min())
    order = np.argsort(place, kind="stable")
    sorted_place = place[order]
    nearest = np.full(len(centres), -1, np.int64)
    least = np.full(len(centres), math.inf)
    for step in (-1, 0, 1):
        first = np.searchsorted(sorted_place, place + step * apart + 0.019 * dpi, "left")
        after = np.searchsorted(sorted_place, place + step * apart + 1.01 * reach, "right")
        for offset in range(min(_MOST_BESIDE, int((after - first).max(initial=0)))):
            here = np.flatnonzero(first + offset < after)
            other = order[first[here] + offset]
            dx, dy = x[other] - x[here], np.abs(y[other] - y[here])
            cost = dx + 0.3 * dy
            fits = (dx >= 0.02 * dpi) & (dx <= reach) & (dy <= slack + 0.25 * dx)
            nearer = (cost < least[here]) | ((cost == least[here]) & (other < nearest[here]))
            chosen = fits & nearer
            least[here[chosen]], nearest[here[chosen]] = cost[chosen], other[chosen]
    return nearest


def _sampled(gray: Pixels, run: _Run) -> Iterator[_Array]:
    """Likelihoods (65 x 2: descender, ascender) of the row, after straightening it."""
    steps = np.diff(run.centres[:, 0])
    pitch = float(np.median(steps))
    if pitch < 2.0:
        return
    strip = _straightened(gray, run.centres, pitch)
    if strip is None:
        return
    dark, light = (float(v) for v in np.percentile(strip, (4, 85)))
    if light - dark < 25:
        return
    ink = np.clip((light - strip.astype(np.float64)) / (light - dark), 0.0, 1.0)
    rows = _tracker_rows(ink)
    if rows is None:
        return
    top, bottom = rows
    profile = ink[top:bottom].mean(axis=0)
    places = _bar_places(profile)
    if places is None:
        return
    for start in range(len(places) - imb.BARS + 1):
        window = places[start : start + imb.BARS]
        yield _likelihoods(ink, window, top, bottom)


def _straightened(gray: Pixels, centres: _Array, pitch: float) -> Pixels | None:
    """The strip along the row's line, at `_PITCH` pixels a bar."""
    x, y = centres[:, 0], centres[:, 1]
    slope, offset = (float(v) for v in np.polyfit(x, y, 1))
    pivot = float(x.mean())
    best: Pixels | None = None
    sharpest = -1.0
    for turn in range(-4, 5):  # the centres jitter by half a bar; the sharpest band is level
        tried = slope + 0.003 * turn
        strip = _strip(gray, x, tried, offset + (slope - tried) * pivot, pitch)
        if strip is None:
            return None
        profile = strip.mean(axis=1, dtype=np.float64)
        sharpness = float(np.square(255.0 - profile).sum())
        if sharpness > sharpest:
            best, sharpest = strip, sharpness
    return best


def _strip(gray: Pixels, x: _Array, slope: float, offset: float, pitch: float) -> Pixels | None:
    """The pixels around one line, level, at `_PITCH` pixels a bar."""
    along = math.hypot(1.0, slope)
    scale = pitch * along / _PITCH  # source pixels for one strip pixel
    margin = 5 * pitch
    start_x = float(x.min()) - margin
    length = int((float(x.max() - x.min()) + 2 * margin) * along / scale)
    if not 100 < length < 2400:
        return None
    cos, sin = scale / along, scale * slope / along
    half = _STRIP / 2
    origin_x = start_x + sin * half
    origin_y = slope * start_x + offset - cos * half
    matrix = np.array([[cos, -sin, origin_x], [sin, cos, origin_y]])
    strip = cv2.warpAffine(
        gray,
        matrix,
        (length, _STRIP),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(strip, np.uint8)


def _tracker_rows(ink: _Array) -> tuple[int, int] | None:
    """First and past-the-last row of the band that every bar crosses."""
    middle = ink[:, ink.shape[1] // 8 : -ink.shape[1] // 8].mean(axis=1)
    centre = slice(_STRIP // 5, _STRIP - _STRIP // 5)
    peak = float(middle[centre].max())
    if peak < 0.08:
        return None
    at = int(middle[centre].argmax()) + _STRIP // 5
    top = bottom = at
    while top > 0 and middle[top - 1] >= 0.74 * peak:
        top -= 1
    while bottom < len(middle) - 1 and middle[bottom + 1] >= 0.74 * peak:
        bottom += 1
    return (top, bottom + 1) if 2 <= bottom + 1 - top <= _STRIP // 2 else None


def _bar_places(profile: _Array) -> _Array | None:
    """Sub-pixel columns of at least 65 evenly counted bars, or None."""
    smooth = np.convolve(profile, np.array([0.25, 0.5, 0.25]), mode="same")
    floor = 0.4 * float(np.percentile(smooth, 92))
    peaks: list[float] = []
    strengths: list[float] = []
    for column in range(1, len(smooth) - 1):
        left, here, right = smooth[column - 1], smooth[column], smooth[column + 1]
        if here < floor or here < left or here <= right:
            continue
        curve = left - 2 * here + right
        place = column + (0.5 * (left - right) / curve if curve else 0.0)
        if peaks and place - peaks[-1] < 0.55 * _PITCH:
            if here > strengths[-1]:
                peaks[-1], strengths[-1] = float(place), float(here)
            continue
        peaks.append(float(place))
        strengths.append(float(here))
    if len(peaks) < _FEWEST:
        return None
    return _even_places(np.array(peaks))


def _even_places(peaks: _Array) -> _Array | None:
    """Number the peaks by pitch, drop what stands apart, and fit a gentle curve."""
    steps = np.diff(peaks)
    pitch = float(np.median(steps))
    breaks = np.flatnonzero(steps > 2.6 * pitch)
    groups = np.split(np.arange(len(peaks)), breaks + 1)
    group = max(groups, key=lambda members: (len(members), -int(members[0])))
    peaks = peaks[group]
    if len(peaks) < imb.BARS - 8:
        return None
    numbers = np.concatenate([[0], np.cumsum(np.maximum(1, np.round(np.diff(peaks) / pitch)))])
    total = int(numbers[-1]) + 1
    if not imb.BARS <= total <= imb.BARS + 6:
        return None
    curve = np.polyfit(numbers, peaks, 2)
    fitted = np.polyval(curve, np.arange(total))
    if float(np.abs(np.polyval(curve, numbers) - peaks).max()) > 0.45 * _PITCH:
        return None
    return np.asarray(fitted, np.float64)


def _likelihoods(ink: _Array, places: _Array, top: int, bottom: int) -> _Array:
    """How sure each half bar is there: +2 at the mean of the dark ones, -2 at the light ones."""
    height = bottom - top
    rows = ink.mean(axis=1)
    reach = max(4, int(1.35 * height))
    band = float(rows[top:bottom].mean())
    above = _extent(rows[max(0, top - reach) : top][::-1], band)
    below = _extent(rows[bottom : bottom + reach], band)
    values = np.zeros((imb.BARS, 2))
    for bar, place in enumerate(places):
        left = max(0, round(float(place)) - 1)
        columns = ink[:, left : left + 3]
        tracker = max(0.2, float(columns[top:bottom].mean()))
        upper = columns[max(0, top - round(0.8 * above)) : top - round(0.25 * above)]
        lower = columns[bottom + round(0.25 * below) : bottom + round(0.8 * below)]
        values[bar, 0] = float(lower.mean()) / tracker if lower.size else 0.0
        values[bar, 1] = float(upper.mean()) / tracker if upper.size else 0.0
    low, high = 0.0, 1.0
    for _ in range(8):
        cut = (low + high) / 2
        dark, light = values[values > cut], values[values <= cut]
        if not dark.size or not light.size:
            break
        low, high = float(light.mean()), float(dark.mean())
    span = max(0.15, high - low)
    return np.clip(4.0 * (values - (low + high) / 2) / span, -2.5, 2.5)


def _extent(rows: _Array, band: float) -> int:
    """How many rows out from the tracker the half bars reach."""
    strong = np.flatnonzero(rows > 0.18 * band)
    return max(3, int(strong[-1]) + 1) if strong.size else 3
