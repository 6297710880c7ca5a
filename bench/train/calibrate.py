"""Fits the table that turns the posterior of an amount into the probability that it is right.

Run as ``python -m bench.train.calibrate --seed 7002 --count 400``; writes
``ocr/amount_calibration.json``. It draws from the split "tune" only: held-out hands and designs,
and the real samples, judge the table and never make it.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ocr
from bench.checks.cases import cases
from intake.types import Page
from ocr import check_layout as layout
from ocr.amount import evidence_class, log_odds
from ocr.check_amounts import AmountReading, read_amounts
from ocr.engine import engines
from ocr.prepare import READING_DPI, find_checks, whole_page_region

TABLE = Path(ocr.__file__).with_name("amount_calibration.json")
CLASSES = ("both", "numerals", "words", "micr", "contradicted", "none")
_TRUST = 3.0  # how many made-up checks the posterior itself counts for in a block
_MOST = {"both": 0.998, "numerals": 0.97, "words": 0.97, "micr": 0.9, "contradicted": 0.55,
         "none": 0.5}  # fmt: skip
_BLOCK = 25

Sample = tuple[str, float, bool]
"""Class of evidence, posterior before calibration, and whether the amount was right."""


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


def samples(seed: int, count: int) -> Iterator[Sample]:
    """Read ``count`` tuning checks of a seed."""
    readers = engines()
    for case in cases(seed, count, split="tune"):
        reading = _read(case.page, readers)
        made = sample(reading, case.truth["amount_cents"])
        if made is not None:
            yield made


def _read(page: Page, readers: Any) -> AmountReading:
    found = find_checks(page)
    region = found[0] if found else whole_page_region(page)
    clean, rules = layout.unruled(region)
    printed = layout.printed_part(clean, region.micr_top)
    words = readers.text.read_words(printed, READING_DPI, psm=11)
    sheet = layout.lay_out(region, words, clean, rules)
    return read_amounts(sheet, readers, page, region)


def fitted(made: Iterable[Sample]) -> dict[str, list[list[float]]]:
    """For each class, rising points of (log odds of the posterior, probability of being right).

    Blocks of equal size, pooled until they rise (Ayer et al. 1955), each drawn towards its own
    mean posterior by a few made-up checks so that a small sample claims nothing certain.
    """
    by_class: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for name, raw, right in made:
        by_class[name].append((log_odds(raw), right))
    return {name: _points(sorted(rows), _MOST[name]) for name, rows in by_class.items() if rows}


def _points(rows: list[tuple[float, bool]], most: float) -> list[list[float]]:
    blocks = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
    if len(blocks) > 1 and len(blocks[-1]) < _BLOCK // 2:
        blocks[-2:] = [blocks[-2] + blocks[-1]]
    pooled: list[list[tuple[float, bool]]] = []
    for block in blocks:
        pooled.append(block)
        while len(pooled) > 1 and _share(pooled[-2]) >= _share(pooled[-1]):
            pooled[-2:] = [pooled[-2] + pooled[-1]]
    points = [
        [round(sum(at for at, _ in block) / len(block), 3), round(min(most, _share(block)), 5)]
        for block in pooled
    ]
    # Beyond the first point at the ceiling nothing more is told.
    return [point for point, before in zip(points, [[0.0, 0.0], *points], strict=False)
            if point[1] != before[1]]  # fmt: skip


def _share(block: list[tuple[float, bool]]) -> float:
    believed = sum(1.0 / (1.0 + math.exp(-at)) for at, _ in block) / len(block)
    return (sum(right for _, right in block) + _TRUST * believed) / (len(block) + _TRUST)


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


def main() -> None:
    """Draw, read, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7002)
    parser.add_argument("--count", type=int, default=400)
    asked = parser.parse_args()
    made = list(samples(asked.seed, asked.count))
    table = write(made, seeds={str(asked.seed): asked.count})
    print(json.dumps(table["by_class"]), json.dumps(table["wrong_by_class"]))


if __name__ == "__main__":
    main()
