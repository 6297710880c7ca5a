"""Fits the table that turns the posterior of an amount into the probability that it is right.

Run as ``python -m bench.train.calibrate --seed 7002 7100 --count 400``; writes
``ocr/amount_calibration.json``. It draws from the split "tune" only: held-out hands and designs,
and the real samples, judge the table and never make it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2

import ocr
from bench.checks.cases import cases
from intake.types import Page
from ocr.amount import evidence_class, log_odds
from ocr.check import sheet_of
from ocr.check_amounts import AmountReading, read_amounts
from ocr.engine import engines
from ocr.prepare import find_checks, whole_page_region

TABLE = Path(ocr.__file__).with_name("amount_calibration.json")
CLASSES = ("both", "numerals", "words", "micr", "contradicted", "none")
_MOST = {"both": 0.998, "numerals": 0.97, "words": 0.97, "micr": 0.9, "contradicted": 0.55,
         "none": 0.5}  # fmt: skip
_BLOCK = 25
_PART = 40

Sample = tuple[str, float, bool]
"""Class of evidence, posterior before calibration, and whether the amount was right."""

Row = tuple[float, bool]
"""Log odds of the posterior, and whether the amount was right."""


def sample(reading: AmountReading, truth_cents: int | None) -> Sample | None:
    """One check's contribution; None when nothing was read.

    A check that contradicts itself (``truth_cents`` None) has no amount that could be right.
    """
    best = reading.together.best
    if best is None:
        return None
    denied = any(warning.code == "amount_mismatch" for warning in reading.warnings)
    name = evidence_class(reading.fused.source.split("+"), against=denied)
    return name, best[1], best[0] == truth_cents


def samples(seed: int, count: int, *, start: int = 0) -> Iterator[Sample]:
    """Read ``count`` tuning checks of a seed."""
    readers = engines()
    for case in cases(seed, count, split="tune", start=start):
        reading = _read(case.page, readers)
        made = sample(reading, case.truth["amount_cents"])
        if made is not None:
            yield made


def _read(page: Page, readers: Any) -> AmountReading:
    found = find_checks(page)
    region = found[0] if found else whole_page_region(page)
    sheet = sheet_of(region, readers)
    return read_amounts(sheet, readers, page, region)


def fitted(made: Iterable[Sample]) -> dict[str, list[list[float]]]:
    """For each class, rising points of (log odds of the posterior, probability of being right).

    Blocks of equal size, pooled until they rise (Ayer et al. 1955), each estimated by the mean
    of Jeffreys' posterior with one wrong check more than were seen, so that a small sample
    claims nothing certain. Above the last wrong
    amount every check counts for all that are surer, which are right at least as often.
    """
    by_class: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for name, raw, right in made:
        by_class[name].append((log_odds(raw), right))
    return {name: _points(sorted(rows), _MOST[name]) for name, rows in by_class.items() if rows}


def _points(rows: list[Row], most: float) -> list[list[float]]:
    last_wrong = max((at for at, (_, right) in enumerate(rows) if not right), default=-1)
    pooled: list[list[Row]] = []
    below = _blocks(rows[: last_wrong + 1])
    for block in below:
        pooled.append(block)
        while len(pooled) > 1 and _share(pooled[-2]) >= _share(pooled[-1]):
            pooled[-2:] = [pooled[-2] + pooled[-1]]
    points = [[_mean(block), min(most, _share(block))] for block in pooled]
    seen: list[Row] = []
    for block in _blocks(rows[last_wrong + 1 :]):
        seen += block
        least = points[-1][1] if points else 0.0
        points.append([_mean(block), min(most, max(least, _share(seen)))])
    points = [[round(at, 3), round(share, 5)] for at, share in points]
    # Beyond the first point at the ceiling nothing more is told.
    return [point for point, before in zip(points, [[0.0, 0.0], *points], strict=False)
            if point[1] != before[1]]  # fmt: skip


def _blocks(rows: list[Row]) -> list[list[Row]]:
    blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
    if len(blocks) > 1 and len(blocks[-1]) < _BLOCK // 2:
        blocks[-2:] = [blocks[-2] + blocks[-1]]
    return blocks


def _mean(block: list[Row]) -> float:
    return sum(at for at, _ in block) / len(block)


def _share(block: list[Row]) -> float:
    return (sum(right for _, right in block) + 0.5) / (len(block) + 2.0)


def write(made: list[Sample], *, seeds: dict[str, int], path: Path = TABLE) -> dict[str, Any]:
    """Fit and write the table; ``seeds`` maps each seed to how many checks were drawn with it."""
    counts = {name: sum(one[0] == name for one in made) for name in CLASSES}
    wrong = {name: sum(one[0] == name and not one[2] for one in made) for name in CLASSES}
    table = {
        "about": "Fitted by bench/train/calibrate.py on drawn checks of the split tune.",
        "seeds": seeds,
        "checks": len(made),
        "by_class": counts,
        "wrong_by_class": wrong,
        "points": fitted(made),
    }
    path.write_text(json.dumps(table, indent=1) + "\n")
    return table


def _some(part: tuple[int, int, int]) -> list[Sample]:
    cv2.setNumThreads(1)
    seed, start, count = part
    return list(samples(seed, count, start=start))


def main() -> None:
    """Draw, read, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[7002])
    parser.add_argument("--count", type=int, default=400, help="checks of each seed")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    parts = [(seed, start, min(_PART, asked.count - start))
             for seed in asked.seed for start in range(0, asked.count, _PART)]  # fmt: skip
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        made = [one for each in pool.imap(_some, parts) for one in each]
    table = write(made, seeds={str(seed): asked.count for seed in asked.seed})
    print(json.dumps(table["by_class"]), json.dumps(table["wrong_by_class"]))


if __name__ == "__main__":
    main()
