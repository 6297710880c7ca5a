"""Which kind a page is, with probabilities, by its looks alone: before any slow engine runs.

Size, how ink is spread, lines of type, rules, bars, large strokes and tint go through a small
network (one hidden layer), fitted by ``bench/train/page_kinds.py`` on drawn mail and kept in
``page_kinds.npz`` with its seed and sample size.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import reduced
from intake.types import Page, Pixels
from ocr.components import components
from ocr.types import Kind

NET = Path(__file__).with_name("page_kinds.npz")
_SIDE = 760
_GRID = (6, 4)


def kind_chances(page: Page) -> dict[Kind, float]:
    """Probabilities that sum to 1 over the kinds that can be told by looks; no text is read.

    An envelope that came back and one that did not look alike: both are ``returned_mail`` and
    ``envelope`` in proportion to how they were drawn. Empty when no network was fitted.
    """
    net = _net()
    if net is None:
        return {}
    hidden = np.maximum((looks(page) - net["mean"]) / net["scale"] @ net["w1"] + net["b1"], 0.0)
    scores = (hidden @ net["w2"] + net["b2"]) / float(net["temperature"])
    odds = np.exp(scores - scores.max())
    chances = odds / odds.sum()
    return {str(kind): float(chance) for kind, chance in zip(net["kinds"], chances, strict=True)}  # type: ignore[misc]


@cache
def _net() -> dict[str, NDArray[Any]] | None:
    if not NET.is_file():
        return None
    with np.load(NET, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def looks(page: Page) -> NDArray[np.float64]:
    """The page as numbers of a fixed length, about 10 ms: what ``kind_chances`` goes by."""
    small, tint = _small(page.pixels)
    widened = cv2.dilate(small, np.ones((9, 9), np.uint8))
    paper = np.asarray(cv2.blur(widened, (25, 25)), np.uint8)
    depth = cv2.subtract(paper, small)
    ink = np.asarray(depth > 36, np.uint8)
    return np.concatenate(
        [
            _size(page), _paper(small, paper, tint), _marks(ink), _lines(ink), _rules(ink),
            _spread(ink),
        ]
    )  # fmt: skip


def _small(pixels: Pixels) -> tuple[Pixels, float]:
    """The page as gray with its longer side ``_SIDE`` pixels, and how coloured its middle is."""
    scale = _SIDE / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    small = reduced(pixels, size)
    if small.ndim == 2:
        return small, 0.0
    middle = small[size[1] // 5 : 4 * size[1] // 5, size[0] // 5 : 4 * size[0] // 5]
    spread = middle.max(axis=2).astype(np.float32) - middle.min(axis=2)
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    return gray, float(np.median(spread)) / 64.0


def _size(page: Page) -> NDArray[np.float64]:
    width, height = page.size
    long, short = max(height, width), max(1, min(height, width))
    known = page.dpi is not None and 60 <= page.dpi <= 1200
    inches = (long / page.dpi, short / page.dpi) if known and page.dpi else (0.0, 0.0)
    ratio = long / short
    return np.array(
        [
            ratio, float(width > height), float(known), inches[0] / 10, inches[1] / 10,
            float(1.9 <= ratio <= 2.9), float(1.2 <= ratio <= 1.45),
        ]
    )  # fmt: skip


def _paper(small: Pixels, paper: Pixels, tint: float) -> NDArray[np.float64]:
    """How light and even the background is: paper, a dark table, a pattern."""
    return np.array(
        [
            tint, float(paper.mean()) / 255, float(paper.std()) / 64,
            float(np.mean(paper < 110)), float(np.mean(small > 250)),
            float(np.abs(np.diff(small.astype(np.float32), axis=1)).mean()) / 16,
        ]
    )  # fmt: skip


def _marks(ink: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Counts of marks by size: type, large strokes, tall thin bars, blots."""
    _, _, stats, _ = components(ink)
    wide, high, area = (stats[1:, k].astype(np.float64) for k in (2, 3, 4))
    total = max(1.0, float(area.sum()))
    type_like = (high >= 4) & (high <= 16) & (wide <= 24)
    large = (high > 20) & (high < 160) & (wide > 20) & (area < 0.35 * wide * high)
    bars = (high >= 6) & (high <= 90) & (wide <= 4) & (high >= 3 * wide)
    blots = (area >= 0.5 * wide * high) & (wide > 18) & (high > 18)
    return np.array(
        [
            np.log1p(len(area)) / 4, total / ink.size * 4, np.log1p(type_like.sum()) / 4,
            float(area[type_like].sum()) / total, np.log1p(large.sum()),
            float(area[large].sum()) / total, np.log1p(bars.sum()) / 3,
            float(bars.sum()) / max(1.0, float(type_like.sum() + bars.sum())),
            np.log1p(blots.sum()), float(area[blots].sum()) / total,
        ]
    )  # fmt: skip


def _lines(ink: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Lines of type, across and down: how many, how long, how many begin at one place."""
    found = []
    for turned in (ink, np.ascontiguousarray(ink.T)):
        joined = cv2.dilate(turned, np.ones((1, 13), np.uint8))
        _, _, stats, _ = components(np.asarray(joined, np.uint8))
        rows = stats[1:][(stats[1:, 3] >= 4) & (stats[1:, 3] <= 26) & (stats[1:, 2] >= 24)]
        lengths = rows[:, 2] / turned.shape[1]
        starts = np.bincount(np.minimum(39, 40 * rows[:, 0] // turned.shape[1]), minlength=40)
        low = rows[rows[:, 1] > 0.8 * turned.shape[0]]
        found += [
            np.log1p(len(rows)) / 3, float(lengths.max(initial=0.0)),
            float(np.median(lengths)) if len(lengths) else 0.0,
            float(np.mean(lengths > 0.5)) if len(lengths) else 0.0,
            starts.max() / max(4, len(rows)), np.log1p(int((starts >= 4).sum())),
            float(low[:, 2].max(initial=0)) / turned.shape[1], np.log1p(len(low)),
        ]  # fmt: skip
    return np.array(found)


def _rules(ink: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Ruled lines across and down: how many and how long together."""
    found: list[float] = []
    for shape in ((1, 40), (40, 1)):
        lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        count, _, stats, _ = components(np.asarray(lines, np.uint8))
        longest = max(int(stats[1:, 2].max(initial=0)), int(stats[1:, 3].max(initial=0)))
        found += [np.log1p(count - 1), longest / _SIDE, float(lines.mean()) * 20]
    return np.array(found)


def _spread(ink: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of ink in each cell of a grid, as the page is and turned to its head."""
    cells = cv2.resize(ink.astype(np.float32), _GRID, interpolation=cv2.INTER_AREA)
    density = np.sqrt(np.asarray(cells, np.float64))
    mean = max(1e-6, float(density.mean()))
    return np.concatenate([(density / mean).ravel() - 1.0])
