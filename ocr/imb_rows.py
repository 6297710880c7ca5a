"""Where rows of bars lie on a page that may be an Intelligent Mail barcode, at any angle.

Geometry of USPS-B-3200: 20 to 24 bars an inch, bars .015 to .025 in wide, full bars .125 to
.165 in and trackers .039 to .057 in high; the tolerances here are wider on purpose, since the
barcode's own check, or the list of what was mailed, decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.components import marks_of
from ocr.machine_code import compiled

_Array = NDArray[np.float64]
_FEWEST = 9  # bars in a row; another row beside a label may go on with it
_MOST_BARS = 20_000  # of a page; the densest page of type has a few thousand marks of their size
_MOST_ROWS = 6
_DARKER = 12  # gray levels than around it
_PITCH = (1 / 26, 1 / 18)  # inches from bar to bar
_COARSE = 100.0  # dots an inch in which texture is looked for


@dataclass(frozen=True, slots=True)
class Row:
    """A row of bars: its middle, direction (a unit vector) and length in pixels, and its pitch."""

    x: float
    y: float
    along_x: float
    along_y: float
    length: float
    pitch: float


def marks(gray: Pixels, dpi: float) -> _Array:
    """Centres (n x 2) of marks that may be bars, however they are turned."""
    block = max(3, int(0.18 * dpi) | 1)
    paper = cv2.boxFilter(gray, -1, (block, block))
    found = marks_of(np.asarray(cv2.subtract(paper, gray)) > _DARKER)
    width, height, area = found.stats[:, 2], found.stats[:, 3], found.stats[:, 4]
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    upright = shorter <= np.maximum(2.0, 0.05 * dpi)
    keep = (
        (longer >= max(3.0, 0.028 * dpi))
        & (longer <= 0.23 * dpi)
        & (area >= 0.0003 * dpi * dpi)
        & (area <= 0.0075 * dpi * dpi)
        & (~upright | ((longer > 1.15 * shorter) & (area > 0.5 * longer * shorter)))
    )
    keep[0] = False
    if not _FEWEST <= int(keep.sum()) <= _MOST_BARS:
        return np.zeros((0, 2))
    return np.asarray(found.centroids[keep], np.float64)


def rows_of(centres: _Array, dpi: float, degrees: float) -> Iterator[Row]:
    """Rows of evenly spaced marks that run about ``degrees`` below the right, longest first."""
    if len(centres) < _FEWEST:
        return
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    level = np.stack(
        [centres[:, 0] * cos + centres[:, 1] * sin, centres[:, 1] * cos - centres[:, 0] * sin], 1
    )
    level = level[np.lexsort((level[:, 1], level[:, 0]))]
    for members in _chains(level, dpi):
        row = _row(level[members], dpi)
        if row is not None:
            yield Row(
                row.x * cos - row.y * sin, row.x * sin + row.y * cos,
                row.along_x * cos - row.along_y * sin, row.along_x * sin + row.along_y * cos,
                row.length, row.pitch,
            )  # fmt: skip


def _row(points: _Array, dpi: float) -> Row | None:
    """The line through the marks of a chain, if most stand one pitch from the next."""
    x, y = points[:, 0], points[:, 1]
    steps = np.diff(x)
    pitch = float(np.median(steps))
    slope, offset = (float(v) for v in np.polyfit(x, y, 1))
    run = math.hypot(1.0, slope)
    if not _PITCH[0] * dpi <= pitch * run <= _PITCH[1] * dpi:
        return None
    even = np.abs(steps - pitch * np.maximum(1.0, np.round(steps / pitch))) < 0.25 * pitch
    if even.mean() < 0.7:
        return None
    middle = float(x[0] + x[-1]) / 2
    return Row(middle, slope * middle + offset, 1.0 / run, slope / run,
               float(x[-1] - x[0]) * run, pitch * run)  # fmt: skip


def _chains(centres: _Array, dpi: float) -> list[NDArray[np.int64]]:
    """Groups of at least `_FEWEST` marks, each joined to the nearest one on its right.

    ``centres`` are in order of x.
    """
    followers = _followers(np.ascontiguousarray(centres), float(dpi))
    heads = np.ones(len(centres), np.bool_)
    heads[followers[followers >= 0]] = False
    chains = []
    following = followers.tolist()
    for head in np.flatnonzero(heads & (followers >= 0)).tolist():
        chain = [head]
        while following[chain[-1]] >= 0:
            chain.append(following[chain[-1]])
        chains += _even(np.array(chain), centres, dpi) if len(chain) >= _FEWEST else []
    return sorted(chains, key=lambda chain: (-len(chain), int(chain[0])))[:_MOST_ROWS]


def _even(chain: NDArray[np.int64], centres: _Array, dpi: float) -> list[NDArray[np.int64]]:
    """The stretches of a chain in which one mark follows the next at a bar's distance.

    What a label bears (digits, a barcode of its own) may stand in line with the bars beside it;
    a single bar that is missing parts nothing.
    """
    steps = np.diff(centres[chain, 0])
    bars = steps[(steps > 0.8 * _PITCH[0] * dpi) & (steps < _PITCH[1] * dpi)]
    if not len(bars):
        return [chain]
    uneven = np.abs(steps - np.median(bars)) > 0.3 * np.median(bars)
    cuts = np.flatnonzero(uneven[1:] & uneven[:-1]) + 2
    parts = np.split(chain, np.unique(np.concatenate([cuts - 1, cuts])))
    return [part for part in parts if len(part) >= _FEWEST]


@compiled
def _followers(centres: _Array, dpi: float) -> NDArray[np.int64]:
    """For each mark the nearest one on its right that may be the next of its row; -1 for none.

    A bar stands up to half a bar's height higher or lower than the one before. None follows two.
    """
    reach, least, slack = 0.10 * dpi, 0.02 * dpi, 0.055 * dpi
    count = len(centres)
    followers = np.full(count, -1, np.int64)
    taken = np.zeros(count, np.bool_)
    for one in range(count):
        best, cost = -1, 1e18
        for other in range(one + 1, count):
            across = centres[other, 0] - centres[one, 0]
            if across > reach:
                break
            down = abs(centres[other, 1] - centres[one, 1])
            if across >= least and down <= slack + 0.25 * across and across + 0.3 * down < cost:
                best, cost = other, across + 0.3 * down
        if best >= 0 and not taken[best]:
            followers[one], taken[best] = best, True
    return followers


def textured(gray: Pixels, dpi: float) -> Iterator[Row]:
    """Long bands whose strokes all stand one way, also where the bars have run together.

    The structure tensor tells direction and likeness of strokes at any angle; type has strokes
    in all directions, rules have them in one but no band's height.
    """
    times = max(1, round(dpi / _COARSE))
    scale = 1.0 / times
    high, wide = gray.shape[0] // times, gray.shape[1] // times
    if min(high, wide) < 8:
        return
    even = gray[: high * times, : wide * times]
    small = cv2.resize(even, (wide, high), interpolation=cv2.INTER_AREA)
    unit = dpi * scale
    dx = np.asarray(cv2.Sobel(small, cv2.CV_32F, 1, 0), np.float32)
    dy = np.asarray(cv2.Sobel(small, cv2.CV_32F, 0, 1), np.float32)
    box = (max(3, int(0.13 * unit) | 1),) * 2
    xx, yy, xy = (cv2.boxFilter(part, -1, box) for part in (dx * dx, dy * dy, dx * dy))
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    total = xx + yy
    bands = marks_of((spread > 0.55 * total) & (total > 900.0))
    stats, labels = bands.stats, bands.labels()
    order = np.argsort(-stats[1:, 4], kind="stable")[: 2 * _MOST_ROWS] + 1
    for number in order.tolist():
        left, top, wide, tall, area = stats[number].tolist()
        if area < 0.05 * unit * unit or max(wide, tall) < 0.5 * unit:
            continue
        part = labels[top : top + tall, left : left + wide] == number
        rows, columns = np.nonzero(part)
        double = float(np.arctan2(
            2 * xy[top : top + tall, left : left + wide][part].sum(dtype=np.float64),
            (xx - yy)[top : top + tall, left : left + wide][part].sum(dtype=np.float64),
        ))  # fmt: skip
        along = np.array([math.cos(double / 2), math.sin(double / 2)])
        reach = columns * along[0] + rows * along[1]
        across = rows * along[0] - columns * along[1]
        start, end = (float(v) for v in np.percentile(reach, (1, 99)))
        low, high = (float(v) for v in np.percentile(across, (5, 95)))
        if not (
            0.5 * unit <= end - start <= 4.2 * unit and 0.04 * unit <= high - low <= 0.5 * unit
        ):
            continue
        middle, off = (start + end) / 2, float(np.median(across))
        yield Row(
            (left + middle * along[0] - off * along[1] + 0.5) / scale - 0.5,
            (top + middle * along[1] + off * along[0] + 0.5) / scale - 0.5,
            float(along[0]), float(along[1]), (end - start) / scale, dpi / 22,
        )  # fmt: skip
