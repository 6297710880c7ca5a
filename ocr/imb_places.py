"""Where the bars of a straightened row stand: places evenly counted, and which of them show one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_UNSURE = 0.3  # bars by which the distance between two parts may be out
_Array = NDArray[np.float64]
_Part = tuple[_Array, _Array]  # numbers and columns of bars
STEP = 12.0
"""Pixels from bar to bar after straightening."""
FEWEST = 8
"""Bars that a row must show; what stands beside a label may be told with its other side."""
LONGEST_GAP = 7
"""Bars that a stroke may hide within a row."""


def places_of(profile: _Array, own: slice) -> _Array | None:
    """Columns of evenly counted bars, as far along the strip as a code could go; None if uneven.

    The row's own peaks give the first count; then each peak near its expected place is taken up
    to follow a pitch that drifts.
    """
    peaks, depth = _peaks(profile)
    inside = (peaks >= own.start - STEP) & (peaks <= own.stop + STEP)
    if int(inside.sum()) < FEWEST:
        return None
    usual = float(np.percentile(depth[inside], 75))
    good = depth > 0.45 * usual
    core = peaks[inside & good]
    steps = np.diff(core)
    near = steps[(steps > 0.6 * STEP) & (steps < 1.5 * STEP)]
    if len(near) < FEWEST:
        return None
    pitch = float(np.median(near))
    chosen = _in_step(peaks[good], pitch)
    core = chosen[(chosen >= own.start - STEP) & (chosen <= own.stop + STEP)]
    if len(core) < FEWEST:
        return None
    numbers, offset = _counted(core, chosen, pitch)
    fit = np.array([0.0, pitch, offset])
    for width in (0.3, 0.25, 0.25):
        expected = np.polyval(fit, numbers)
        close = np.abs(chosen - expected) < width * STEP
        if int(close.sum()) < FEWEST:
            return None
        span = float(np.ptp(numbers[close]))
        fit = np.polyfit(numbers[close], chosen[close], 2 if span > 40 else 1)
        numbers = np.round(_number_at(fit, chosen))
    close = np.abs(chosen - np.polyval(fit, numbers)) < 0.25 * STEP
    middle = core[(core >= own.start) & (core <= own.stop)]
    on = np.abs(middle - np.polyval(fit, np.round(_number_at(fit, middle)))) < 0.22 * STEP
    if len(middle) == 0 or on.mean() < 0.75:
        return None
    taken = numbers[close]
    first, last = int(taken.min()), int(taken.max())
    return np.asarray(np.polyval(fit, np.arange(first, last + 1)), np.float64)


def places_across(
    profile: _Array, first: slice, last: slice
) -> Iterator[tuple[_Array, NDArray[np.bool_]]]:
    """As `places_of` where only two parts show a row: its places, and which lie in the parts.

    Both parts have one pitch. One answer for each number of hidden bars that the distance allows.
    """
    parts: list[_Part] = []
    for own in (first, last):
        part = _part(profile, own)
        if part is None:
            return
        parts.append(part)
    for _ in range(2):
        pitch, offsets = _one_pitch(parts)
        for number, (_, columns) in enumerate(parts):
            counted = np.round((columns - offsets[number]) / pitch)
            close = np.abs(columns - offsets[number] - counted * pitch) < 0.22 * STEP
            if int(close.sum()) < FEWEST - 1 or close.mean() < 0.7:
                return
            parts[number] = (counted[close], columns[close])
    pitch, offsets = _one_pitch(parts)
    apart = (offsets[1] - offsets[0]) / pitch
    for between in sorted({round(apart - _UNSURE), round(apart + _UNSURE)}):
        end, start = parts[0][0].max(), parts[1][0].min() + between
        if end >= start:
            continue
        every = np.arange(parts[0][0].min(), parts[1][0].max() + between + 0.5)
        places = offsets[0] + every * pitch
        beyond = offsets[1] + (every - between) * pitch
        yield np.where(every <= end, places, beyond), (every <= end) | (every >= start)


def _part(profile: _Array, own: slice) -> _Part | None:
    """The bars of a stretch of the strip, counted from its first."""
    peaks, depth = _peaks(profile)
    inside = (peaks >= own.start) & (peaks <= own.stop)
    if int(inside.sum()) < FEWEST:
        return None
    good = peaks[inside & (depth > 0.45 * np.percentile(depth[inside], 75))]
    steps = np.diff(good)
    near = steps[(steps > 0.75 * STEP) & (steps < 1.3 * STEP)]
    if len(near) < FEWEST - 2:
        return None
    pitch = float(np.median(near))
    columns = _in_step(good, pitch)
    if len(columns) < FEWEST - 1:
        return None
    return _counted(columns, columns, pitch)[0], columns


def _one_pitch(parts: Sequence[_Part]) -> tuple[float, list[float]]:
    """The pitch that fits the numbered columns of all parts best, and where each part's 0 is."""
    over = under = 0.0
    for numbers, columns in parts:
        off = numbers - numbers.mean()
        over += float((off * columns).sum())
        under += float((off * off).sum())
    pitch = over / under if under else STEP
    return pitch, [float(columns.mean() - pitch * numbers.mean()) for numbers, columns in parts]


def standing(profile: _Array, places: _Array) -> NDArray[np.bool_]:
    """Which bars stand out from beside them, among others that do."""
    depth = _at(profile, places) - (
        _at(profile, places - STEP / 2) + _at(profile, places + STEP / 2)
    ) / 2  # fmt: skip
    usual = float(np.percentile(depth, 70))
    stands = depth > 0.4 * usual
    window = np.ones(7)
    crowd = np.convolve(stands, window, "same") / np.convolve(np.ones(len(stands)), window, "same")
    return np.asarray(stands & (crowd >= 0.55))


def belonging(visible: NDArray[np.bool_], places: _Array, own: slice) -> NDArray[np.bool_]:
    """The bars that go on with the row without a long gap.

    Across one the row's direction is too vague; `joined` makes one row of the two sides.
    """
    shown = np.flatnonzero(visible)
    keep = np.zeros(len(visible), np.bool_)
    for group in np.split(shown, np.flatnonzero(np.diff(shown) > LONGEST_GAP) + 1):
        inside = (places[group] >= own.start - STEP) & (places[group] <= own.stop + STEP)
        if inside.any():
            keep[group] = True
    return keep


def _peaks(profile: _Array) -> tuple[_Array, _Array]:
    """Sub-pixel columns of the dark places, and how much darker each is than beside it."""
    smooth = np.convolve(profile, np.array([0.25, 0.5, 0.25]), mode="same")
    half = int(STEP // 2)
    padded = np.pad(smooth, half, mode="edge")
    beside = (padded[: len(smooth)] + padded[2 * half :]) / 2
    inner = np.arange(1, len(smooth) - 1)
    left, here, right = smooth[inner - 1], smooth[inner], smooth[inner + 1]
    tops = inner[(here >= left) & (here > right)]
    curve = smooth[tops - 1] - 2 * smooth[tops] + smooth[tops + 1]
    shift = np.where(curve < -1e-9, 0.5 * (smooth[tops - 1] - smooth[tops + 1]) /
                     np.minimum(curve, -1e-9), 0.0)  # fmt: skip
    return tops + np.clip(shift, -0.5, 0.5), smooth[tops] - beside[tops]


def _in_step(peaks: _Array, pitch: float) -> _Array:
    """The peaks that stand among at least four others one or two pitches apart: no type."""
    steps = np.diff(peaks) / pitch
    even = (np.abs(steps - np.maximum(1.0, np.round(steps))) < 0.22) & (steps < 2.6)
    edges = np.flatnonzero(~even) + 1
    groups = np.split(peaks, edges)
    kept = [group for group in groups if len(group) >= 5]
    return np.concatenate(kept) if kept else np.zeros(0)


def _number_at(fit: _Array, columns: _Array) -> _Array:
    """Which bar stands at a column: the curve is nearly straight, so two steps find it."""
    linear = fit[-2]
    guess = (columns - fit[-1]) / linear
    for _ in range(2):
        slope = np.polyval(np.polyder(fit), guess)
        guess = guess + (columns - np.polyval(fit, guess)) / np.where(slope > 1.0, slope, linear)
    return np.asarray(guess, np.float64)


def _counted(core: _Array, chosen: _Array, pitch: float) -> tuple[_Array, float]:
    """Numbers of the peaks from the first on, counted step by step to follow a drifting pitch."""
    places = np.concatenate([[0.0], np.cumsum(np.round(np.diff(core) / pitch))])
    if len(core) > 3:
        slope, offset = (float(v) for v in np.polyfit(places, core, 1))
    else:
        slope, offset = pitch, float(core[0])
    if abs(slope - pitch) > 0.12 * pitch:
        slope, offset = pitch, float(core[0])
    return np.asarray(np.round((chosen - offset) / slope), np.float64), offset


def _at(profile: _Array, columns: _Array) -> _Array:
    """The profile's mean over three pixels around each column."""
    grid = np.arange(len(profile))
    near = [np.interp(columns + shift, grid, profile) for shift in (-1.0, 0.0, 1.0)]
    return np.asarray(sum(near) / 3)
