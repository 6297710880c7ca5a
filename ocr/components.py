"""Connected marks of a mask: their labels, boxes, areas and centres.

Runs of ink are found row by row and joined to those they touch in the row above, so that a page's
paper costs little (the idea is He, Chao and Suzuki 2008's). Compiled once a machine, in a fifth of
the time of OpenCV's own on a check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.machine_code import compiled

Components = tuple[int, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a mask, number 0 the paper; ``stats`` as OpenCV gives them.

    ``runs`` are row, start, end and mark of every run of ink in a row.
    """

    shape: tuple[int, int]
    runs: NDArray[np.int32]
    stats: NDArray[np.int32]
    centroids: NDArray[np.float64]

    def labels(self) -> NDArray[np.int32]:
        """The number of the mark at each pixel."""
        painted = np.zeros(self.shape, np.int32)
        _painted(painted, self.runs)
        return painted

    def mask(self, chosen: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """255 where a chosen mark is (one truth a mark, the paper's is passed over)."""
        mask = np.zeros(self.shape, np.uint8)
        _masked(mask, self.runs, np.asarray(chosen, np.bool_))
        return mask


def marks_of(ink: NDArray[Any], connectivity: int = 8) -> Marks:
    """The connected marks of a picture that is not 0 where there is ink.

    They are numbered by their topmost row, then from the left.
    """
    mask = np.asarray(ink).astype(np.bool_, copy=False)
    runs = _runs(mask)
    high, wide = mask.shape
    count = _found(runs, 1 if connectivity == 8 else 0)
    stats, sums = _measured(runs, count, high, wide)
    return Marks((high, wide), runs, stats, sums / np.maximum(stats[:, 4:], 1))


def components(ink: NDArray[Any], connectivity: int = 8) -> Components:
    """As ``cv2.connectedComponentsWithStats``: count, labels, stats, centroids; 0 is paper."""
    marks = marks_of(ink, connectivity)
    return len(marks.stats), marks.labels(), marks.stats, marks.centroids


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Row, start and end of every run of ink, and a place for its label."""
    high, wide = mask.shape
    # A blank column to either side: every run begins and ends within its row.
    row = wide + 1
    flat = np.zeros(high * row + 1, np.bool_)
    flat[1:].reshape(high, row)[:, :wide] = mask
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    runs = np.zeros((len(edges) // 2, 4), np.int32)
    runs[:, 0] = edges[::2] // row
    runs[:, 1] = edges[::2] - row * runs[:, 0]
    runs[:, 2] = edges[1::2] - row * runs[:, 0]
    return runs


@compiled
def _found(runs: NDArray[np.int32], reach: int) -> int:
    """Number the marks into ``runs``; the count of labels, the paper's among them.

    Runs touch that are less than ``reach`` columns apart, one row above the other.
    """
    parent = np.arange(len(runs)).astype(np.int32)
    above = 0
    for run in range(len(runs)):
        row, start, end = runs[run, 0], runs[run, 1], runs[run, 2]
        while above < run and (
            runs[above, 0] < row - 1
            or (runs[above, 0] == row - 1 and runs[above, 2] + reach <= start)
        ):
            above += 1
        touching = above
        while runs[touching, 0] == row - 1 and runs[touching, 1] < end + reach:
            one, other = run, touching
            while parent[one] != one:
                parent[one] = parent[parent[one]]
                one = parent[one]
            while parent[other] != other:
                parent[other] = parent[parent[other]]
                other = parent[other]
            parent[max(one, other)] = min(one, other)
            touching += 1
    count = 1
    for run in range(len(runs)):
        # The first run of a mark is its own parent, and stands before all others of it.
        first = run
        while parent[first] != first:
            first = parent[first]
        parent[run] = first
        if first == run:
            runs[run, 3] = count
            count += 1
        else:
            runs[run, 3] = runs[first, 3]
    return count


@compiled
def _measured(
    runs: NDArray[np.int32], count: int, high: int, wide: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    stats = np.zeros((count, 5), np.int32)
    sums = np.zeros((count, 2))
    stats[1:, 0], stats[1:, 1] = wide, high
    for run in range(len(runs)):
        row, start, end, label = runs[run]
        size = end - start
        stats[label, 0] = min(stats[label, 0], start)
        stats[label, 1] = min(stats[label, 1], row)
        stats[label, 2] = max(stats[label, 2], end)
        stats[label, 3] = max(stats[label, 3], row + 1)
        stats[label, 4] += size
        sums[label, 0] += size * (start + end - 1) * 0.5
        sums[label, 1] += size * row
    for label in range(1, count):
        stats[label, 2] -= stats[label, 0]
        stats[label, 3] -= stats[label, 1]
        stats[0, 4] -= stats[label, 4]
        sums[0] -= sums[label]
    stats[0, 2], stats[0, 3] = wide, high
    stats[0, 4] += high * wide
    sums[0, 0] += high * wide * (wide - 1) * 0.5
    sums[0, 1] += wide * high * (high - 1) * 0.5
    return stats, sums


@compiled
def _painted(labels: NDArray[np.int32], runs: NDArray[np.int32]) -> None:
    for run in range(len(runs)):
        row, start, end, label = runs[run]
        for column in range(start, end):
            labels[row, column] = label


@compiled
def _masked(mask: NDArray[np.uint8], runs: NDArray[np.int32], chosen: NDArray[np.bool_]) -> None:
    for run in range(len(runs)):
        row, start, end, label = runs[run]
        if chosen[label]:
            for column in range(start, end):
                mask[row, column] = 255
