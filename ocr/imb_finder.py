"""The Intelligent Mail barcode of a page: decoded where it can be, its soft bits where it cannot.

The cheapest look that decodes ends the search; a page without a barcode goes through all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.types import Box, Pixels
from ocr import imb, imb_soft
from ocr.imb_join import together
from ocr.imb_rows import Row, marks, rows_of, textured
from ocr.imb_strip import Sampled, sampled

_FINE = 250.0  # dots an inch: more tell no more of bars that are .02 in wide
_SMOOTH = 180.0
_GUESSED_DPI = (200.0, 300.0, 125.0)
_UPRIGHT, _ASLANT = (0.0, 90.0), (30.0, 60.0, 120.0, 150.0)
_LEAST_CLEAR = 1.2  # half bars so far from undecided, at the median: type is not
_PLAIN = 1.7
_NEARLY_ALL = 60  # bars
_ENOUGH = 20  # bars that may name a piece of ours
_BEYOND = 3.0  # bars
_MOST_RUNS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A decoded barcode, its place on the page, and whether every bar was plain to see."""

    code: imb.Imb
    box: Box
    exact: bool


@dataclass(frozen=True, slots=True)
class SoftRun:
    """A row of bars as it looks: 130 numbers of `imb_soft.kept`, its place, bars that are seen."""

    bits: tuple[int, ...]
    box: Box
    seen: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What a page shows: the barcode if one was decoded, and the rows of bars, likeliest first."""

    found: Found | None = None
    runs: tuple[SoftRun, ...] = ()


def find(pixels: Pixels, dpi: float | None, mailers: Collection[str] = ()) -> Found | None:
    """The page's Intelligent Mail barcode, or None; never a guess (see `imb_soft.decode`)."""
    return look(pixels, dpi, mailers).found


def look(pixels: Pixels, dpi: float | None, mailers: Collection[str] = ()) -> Sight:
    """Look for the barcode at any angle; ``mailers`` are the ids whose barcodes are expected."""
    search = _Search(np.ascontiguousarray(to_gray(pixels), np.uint8), mailers)
    for scale in (dpi,) if dpi else _GUESSED_DPI:
        search.places = []
        for rows in _looks(search.gray, scale):
            search.see(rows)
            if search.codes:
                return search.told()
            if search.hidden:
                break  # plain to see and still no code: something covers the rest
    return search.told()


class _Search:
    """What has been seen of a page: codes, rows of bars, and where not to look again."""

    def __init__(self, gray: Pixels, mailers: Collection[str]) -> None:
        self.gray, self.mailers = gray, mailers
        self.codes: dict[str, Found] = {}
        self.runs: list[tuple[float, SoftRun]] = []
        self.places: list[_Looked] = []
        self.hidden = False

    def see(self, rows: Iterator[Row]) -> None:
        """Measure the rows; once a code is read, only those that may name another."""
        sides: list[Sampled] = []
        self.hidden = False
        for row in rows:
            if self.codes and row.length < _ENOUGH * row.pitch:
                continue
            if any(place.holds(row) for place in self.places):
                continue
            looked = _Looked(row)
            self.places.append(looked)
            for each in _sampled(self.gray, row):
                self._measured(each, row, looked)
                if each.clear >= _LEAST_CLEAR:
                    sides.append(each)
                if looked.read:
                    break
        if not self.codes:
            joined = together(self.gray, sides)
            self.runs += [(each.seen * each.clear, _whole(self.gray, each)) for each in joined]

    def _measured(self, each: Sampled, row: Row, looked: _Looked) -> None:
        run = _whole(self.gray, each)
        code = imb_soft.decode(each.likelihoods, self.mailers)
        if each.clear >= _LEAST_CLEAR or code is not None:
            self.runs.append((each.seen * each.clear, run))
        if each.clear >= _PLAIN or code is not None:
            looked.seen(_spanned(each), whole=each.seen >= _NEARLY_ALL)
            self.hidden = self.hidden or (each.seen < _NEARLY_ALL and _level(row))
        if code is not None:
            looked.read = True
            whole = each.seen == imb.BARS and code.corrected_bars == 0
            found = Found(code, run.box, whole and each.clear > 1.0)
            self.codes.setdefault(code.tracking + code.routing, found)

    def told(self) -> Sight:
        """The one code; of several none, since only the list of mailed pieces can choose."""
        found = next(iter(self.codes.values())) if len(self.codes) == 1 else None
        return Sight(found, _best(self.runs))


def _whole(gray: Pixels, each: Sampled) -> SoftRun:
    """What a row shows, and its place from the first bar shown to the last."""
    return SoftRun(imb_soft.kept(each.likelihoods), _box(gray, _spanned(each)), each.seen)


def _spanned(each: Sampled) -> Row:
    """The row from the first bar that was shown to the last."""
    x, y = each.end[0] - each.start[0], each.end[1] - each.start[1]
    length = max(1.0, math.hypot(x, y))
    return Row((each.start[0] + each.end[0]) / 2, (each.start[1] + each.end[1]) / 2, x / length,
               y / length, length, length / max(1, each.bars - 1))  # fmt: skip


def _sampled(gray: Pixels, row: Row) -> Iterator[Sampled]:
    """The row as it looks; where its bars reach less far than its marks, level with the bars."""
    for each in sampled(gray, row):
        spanned = _spanned(each)
        if abs(spanned.length - row.length) > _BEYOND * row.pitch:
            # The line went through marks of something else, or too few: its direction is vague.
            yield from sampled(gray, spanned)
        yield each


def _level(row: Row) -> bool:
    """Whether a row runs along the page or up it, so that no look aslant would see more of it."""
    return min(abs(row.along_x), abs(row.along_y)) < 0.17


class _Looked:
    """A row that was measured, and whether another in its place could tell more."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.plain: Row | None = None
        self.read = self.whole = False

    def seen(self, span: Row, *, whole: bool) -> None:
        """The row's bars, seen plainly: all of a code, or a part."""
        self.plain, self.whole = span, whole

    def holds(self, row: Row) -> bool:
        """Whether a row would look the same, or goes no further than what was seen plainly.

        All bars plain and still no code: told by other marks, the row may be read, so that place
        is measured once more.
        """
        if _again(row, self.row):
            return True
        if self.plain is None or not _same(row, self.plain):
            return False
        known = self.read or not self.whole
        self.whole = False
        return known


def _same(row: Row, before: Row) -> bool:
    """Whether a row lies in one that was seen plainly, and goes no further."""
    x, y = row.x - before.x, row.y - before.y
    along = abs(x * before.along_x + y * before.along_y)
    across = abs(y * before.along_x - x * before.along_y)
    return across < before.pitch and along + row.length / 2 < before.length / 2 + 3 * before.pitch


def _again(row: Row, before: Row) -> bool:
    """Whether a row is one that was looked at, told by other marks."""
    x, y = row.x - before.x, row.y - before.y
    along = abs(x * before.along_x + y * before.along_y)
    across = abs(y * before.along_x - x * before.along_y)
    lean = abs(row.along_x * before.along_y - row.along_y * before.along_x)
    return (
        along < 1.5 * before.pitch
        and across < 0.35 * before.pitch
        and lean * before.length < 0.7 * before.pitch
        and abs(row.length - before.length) < 2.5 * before.pitch
    )


def _best(runs: list[tuple[float, SoftRun]]) -> tuple[SoftRun, ...]:
    """The likeliest rows, each once."""
    ordered = sorted(runs, key=lambda one: (-one[0], one[1].box))
    return tuple(dict.fromkeys(run for _, run in ordered))[:_MOST_RUNS]


def _looks(gray: Pixels, dpi: float) -> Iterator[Iterator[Row]]:
    """Rows that may be a barcode, by the ways to find them, the cheapest first."""
    times = max(1, round(dpi / _FINE))
    high, wide = gray.shape[0] // times, gray.shape[1] // times
    fine = gray
    if times > 1 and min(high, wide) > 8:
        even = gray[: high * times, : wide * times]
        fine = np.asarray(cv2.resize(even, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
    at = dpi / times
    smooth = np.asarray(cv2.GaussianBlur(fine, (3, 3), 0), np.uint8)
    # Where a bar is a few dots wide, smoothing costs no bar and spares thousands of specks.
    first, second = (smooth, fine) if at >= _SMOOTH else (fine, smooth)
    centres = marks(first, at)
    yield _rows(centres, at, _UPRIGHT, times)
    yield textured(gray, dpi)
    yield _rows(marks(second, at), at, _UPRIGHT, times)
    yield (row for row in _rows(centres, at, _ASLANT, times) if not _level(row))


def _rows(
    centres: NDArray[np.float64], dpi: float, directions: Sequence[float], times: int
) -> Iterator[Row]:
    """The rows among marks of the page made ``times`` smaller, on the page."""
    for degrees in directions:
        for row in rows_of(centres, dpi, degrees):
            yield _scaled(row, 1.0 / times)


def _scaled(row: Row, factor: float) -> Row:
    """A row of the reduced page on the page."""
    if factor == 1.0:
        return row
    return Row((row.x + 0.5) / factor - 0.5, (row.y + 0.5) / factor - 0.5, row.along_x, row.along_y,
               row.length / factor, row.pitch / factor)  # fmt: skip


def _box(gray: Pixels, row: Row) -> Box:
    """The part of the page that the row's bars fill."""
    half, tall = row.length / 2 + row.pitch, 1.8 * row.pitch
    wide_x = abs(row.along_x) * half + abs(row.along_y) * tall
    wide_y = abs(row.along_y) * half + abs(row.along_x) * tall
    left, top = max(0, int(row.x - wide_x)), max(0, int(row.y - wide_y))
    right, bottom = min(gray.shape[1], int(row.x + wide_x)), min(gray.shape[0], int(row.y + wide_y))
    return (left, top, max(1, right - left), max(1, bottom - top))
