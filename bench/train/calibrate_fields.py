"""Fits how sure each field of a check is, from its reader's signs, on drawn checks.

``python -m bench.train.calibrate_fields fit --seed 4100 --count 1200`` writes
``ocr/field_calibration.json``; ``judge --seed 4200 --split test`` prints how true it is on
others. Needs no torch. Amount and MICR fields are no part of it.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.checks.cases import Case, cases
from ocr.check import read_check
from ocr.check_read import Read
from ocr.check_trust import TABLE, chance, watching
from web.demo.scoring import verdict

Split = Literal["tune", "test"]
Sample = tuple[dict[str, float], bool]
_RIDGE = 1.0
_FEWEST = 6
_MOST = 0.99
_STEPS = 40
_ALIKE = {"insurance_stub": "insurance"}
BANDS = (0.0, 0.3, 0.5, 0.7, 0.9, 0.95, 1.01)


def gather(seed: int, count: int, split: Split) -> dict[str, list[Sample]]:
    """Signs and rightness of every read of ``count`` checks, by ``field:source``."""
    found: dict[str, list[Sample]] = defaultdict(list)
    for case in cases(seed, count, split=split):
        truth = truth_of(case)
        with watching() as seen:
            read_check(case.page)
        for name, read in seen:
            if name in truth:
                sample = (dict(read.signs), is_right(name, truth, read))
                found[f"{name}:{read.source}"].append(sample)
    return dict(found)


def truth_of(case: Case) -> dict[str, Any]:
    """The case's field values, with the instrument's kind."""
    return case.truth | {"instrument": _ALIKE.get(case.kind, case.kind)}


def is_right(name: str, truth: dict[str, Any], read: Read) -> bool:
    """Whether a read says what stands on the check; anything read where nothing is, is wrong."""
    return verdict(name, truth[name], read.value) == "right"


def fit(samples: list[Sample]) -> dict[str, Any] | None:
    """A logistic model with ridge on standardised signs; None for too few samples.

    Two made-up samples at the mean, one right and one wrong, keep a field that was never wrong
    from being called certain; the cap says how sure a sample of this size can make us.
    """
    if len(samples) < _FEWEST:
        return None
    names = sorted({name for signs, _ in samples for name in signs})
    raw = np.array([[signs.get(name, 0.0) for name in names] for signs, _ in samples])
    right = np.array([float(good) for _, good in samples])
    low, high = np.quantile(raw, 0.02, axis=0), np.quantile(raw, 0.98, axis=0)
    held = np.clip(raw, low, high)
    mean, scale = held.mean(axis=0), held.std(axis=0)
    kept = scale > 1e-6
    scale = np.where(kept, scale, 1.0)
    rows = np.where(kept, (held - mean) / scale, 0.0)
    rows = np.vstack([rows, np.zeros((2, len(names)))])
    weights, bias = _newton(rows, np.append(right, [1.0, 0.0]))
    weights = np.where(kept, weights, 0.0)
    return {
        "samples": len(samples),
        "right": int(right.sum()),
        "bias": round(float(bias - (weights * mean / scale).sum()), 5),
        "signs": [
            [name, round(float(w / s), 5), round(float(a), 5), round(float(b), 5)]
            for name, w, s, a, b in zip(names, weights, scale, low, high, strict=True)
            if abs(w) > 1e-9
        ],
        "most": round(min(_MOST, 1.0 - 1.5 / (len(samples) + 2)), 4),
    }


def _newton(
    rows: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of greatest likelihood under the ridge, by Newton's steps."""
    design = np.hstack([rows, np.ones((len(rows), 1))])
    ridge = np.eye(design.shape[1]) * _RIDGE
    ridge[-1, -1] = 1e-6
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (chances - right) + ridge @ found
        bend = (design * (chances * (1 - chances))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend, slope)
        found -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    return found[:-1], float(found[-1])


def judge(found: dict[str, list[Sample]], table: dict[str, Any]) -> dict[str, Any]:
    """By field: reads, wrong, confident and wrong though confident, and bands of confidence."""
    report: dict[str, Any] = {}
    for name in sorted({key.split(":")[0] for key in found}):
        pairs = [
            (chance(table[key], signs) if key in table else 0.5, good)
            for key, listed in found.items() if key.split(":")[0] == name
            for signs, good in listed
        ]  # fmt: skip
        sure = [good for p, good in pairs if p >= 0.9]
        bands = []
        for low, high in pairwise(BANDS):
            inside = [(p, good) for p, good in pairs if low <= p < high]
            if inside:
                said = sum(p for p, _ in inside) / len(inside)
                seen = sum(good for _, good in inside) / len(inside)
                bands.append([low, len(inside), round(said, 3), round(seen, 3)])
        loss = [-math.log(max(1e-6, p if good else 1 - p)) for p, good in pairs]
        report[name] = {
            "read": len(pairs), "wrong": sum(not good for _, good in pairs), "sure": len(sure),
            "wrong_and_sure": sum(not good for good in sure),
            "log_loss": round(sum(loss) / max(1, len(loss)), 4), "bands": bands,
        }  # fmt: skip
    return report


def main() -> None:
    """Fit, or judge what was fitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "judge"))
    parser.add_argument("--seed", type=int, default=4100)
    parser.add_argument("--count", type=int, default=1200)
    parser.add_argument("--split", choices=("tune", "test"), default="tune")
    asked = parser.parse_args()
    found = gather(asked.seed, asked.count, asked.split)
    if asked.what == "fit":
        models = {key: fit(listed) for key, listed in sorted(found.items())}
        table = {key: model for key, model in models.items() if model is not None}
        stored = {"seed": asked.seed, "checks": asked.count, "split": asked.split, "fields": table}
        TABLE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    table = json.loads(TABLE.read_text(encoding="utf-8"))["fields"]
    print(json.dumps(judge(found, table), indent=1))


if __name__ == "__main__":
    main()
