"""Fits how sure each field of a check is, from its reader's signs, on drawn checks.

``python -m bench.train.calibrate_fields fit --seed 7100 7300 --count 260`` writes
``ocr/field_calibration.json``; ``judge --seed 4200 --split test`` prints how true it is on
others. ``--backs`` does the same for the backs of checks alone and leaves the fronts' fits be.
Needs no torch. Amount and MICR fields are no part of it.
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
from ocr.check import read_check, read_check_back
from ocr.check_read import Read
from ocr.check_trust import DOUBT, TABLE, chance, log_odds, watching
from web.demo.scoring import verdict

# The way in which a sign may speak, where its meaning leaves no choice.
_MEANT: dict[str, float] = {
    **dict.fromkeys(("least", "mean", "total", "known", "road", "zip", "figures", "town"), 1.0),
    **dict.fromkeys(("agree", "same", "chance", "first", "second", "fourth", "again"), 1.0),
    "heard": 1.0,
    **dict.fromkeys(("year_seen", "day_seen", "month", "bank", "ahead"), 1.0),
    **dict.fromkeys(("odd", "marks", "small", "spread", "left", "right", "runner_up"), -1.0),
}

Split = Literal["tune", "test"]
Sample = tuple[dict[str, float], bool, str]
_RIDGE = 1.0
_FEWEST = 6
_FEWEST_GROUPS = 3
_MOST = 0.99
_STEPS = 40
_ALIKE = {"insurance_stub": "insurance"}
BANDS = (0.0, 0.3, 0.5, 0.7, 0.9, 0.95, 1.01)


def gather(seed: int, count: int, split: Split, *, backs: bool = False) -> dict[str, list[Sample]]:
    """Signs and rightness of every read of ``count`` checks (or backs), by ``field:source``.

    With each sample goes its group: the hand, or the design where nobody wrote.
    """
    found: dict[str, list[Sample]] = defaultdict(list)
    for case in cases(seed, count, split=split):
        truth = truth_of(case)
        page = case.back if backs else case.page
        if page is None:
            continue
        with watching() as seen:
            if backs:
                read_check_back(page)
            else:
                read_check(page)
        for name, read in seen:
            if name in truth:
                sample = (dict(read.signs), is_right(name, truth, read), case.hand or case.design)
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

    It is made as unsure as models that never saw a group should have been of that group: new
    hands and new forms come with every mail. The cap says how sure a sample of this size can
    make us.
    """
    if len(samples) < _FEWEST:
        return None
    model = _plain(samples)
    groups = sorted({group for _, _, group in samples})
    told: list[list[float]] = []
    right: list[float] = []
    for group in groups:
        others = [sample for sample in samples if sample[2] != group]
        if len(others) < _FEWEST or len(groups) < _FEWEST_GROUPS:
            continue
        partial = _plain(others)
        for signs, good, _ in (sample for sample in samples if sample[2] == group):
            told.append([log_odds(partial, signs)])
            right.append(float(good))
    slope, shift = _held_back(told, right)
    return model | {
        "bias": round(model["bias"] * slope + shift, 5),
        "signs": [[name, round(w * slope, 5), *held] for name, w, *held in model["signs"]],
    }


def _held_back(told: list[list[float]], right: list[float]) -> tuple[float, float]:
    """Slope (at most 1) and shift that make what models said of unseen groups true."""
    if len(told) < _FEWEST:
        return 1.0, 0.0
    rows = np.array(told)
    middle = float(rows.mean())
    # One wrong sample where the models are at their mean: what was never seen is not impossible.
    rows, seen = np.vstack([rows, [[middle]]]), np.append(right, [0.0])
    weights, bias = _newton(rows, seen)
    slope = min(1.0, max(0.2, float(weights[0])))
    if slope == float(weights[0]):
        return slope, bias
    low, high = -8.0, 8.0
    for _ in range(_STEPS):  # with the slope held, the shift that makes the sum right
        shift = (low + high) / 2
        said = 1.0 / (1.0 + np.exp(-np.clip(rows[:, 0] * slope + shift, -30, 30)))
        low, high = (shift, high) if said.sum() < seen.sum() else (low, shift)
    return slope, (low + high) / 2


def _plain(samples: list[Sample]) -> dict[str, Any]:
    """The model as the samples have it, without signs that came out against their meaning."""
    names = sorted({name for signs, _, _ in samples for name in signs} - {DOUBT})
    while True:
        model = _of_signs(samples, names)
        against = {
            name for name, weight, *_ in model["signs"] if weight * _MEANT.get(name, weight) < 0
        }
        if not against:
            return model
        names = [name for name in names if name not in against]


def _of_signs(samples: list[Sample], names: list[str]) -> dict[str, Any]:
    """The model of chosen signs.

    Two made-up samples at the mean, one right and one wrong, keep a field that was never wrong
    from being called certain.
    """
    raw = np.array([[signs.get(name, 0.0) for name in names] for signs, _, _ in samples])
    right = np.array([float(good) for _, good, _ in samples])
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
            for signs, good, _ in listed
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


def _stored(table: dict[str, Any], about: dict[str, Any], *, backs: bool) -> dict[str, Any]:
    """The file's new content: one side of checks anew, what is known of the other kept."""
    known = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {"fields": {}}
    of_back = {key: m for key, m in known["fields"].items() if key.startswith("endorsed:")}
    if backs:
        fronts = {key: m for key, m in known["fields"].items() if key not in of_back}
        return known | {"backs": about, "fields": dict(sorted((fronts | table).items()))}
    kept = {"backs": known["backs"]} if "backs" in known else {}
    return about | kept | {"fields": dict(sorted((table | of_back).items()))}


def main() -> None:
    """Fit, or judge what was fitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "judge"))
    parser.add_argument("--seed", type=int, nargs="+", default=[7100, 7300])
    parser.add_argument("--count", type=int, default=260, help="checks of each seed")
    parser.add_argument("--split", choices=("tune", "test"), default="tune")
    parser.add_argument("--backs", action="store_true", help="the backs of checks alone")
    asked = parser.parse_args()
    found: dict[str, list[Sample]] = defaultdict(list)
    for seed in asked.seed:
        for key, listed in gather(seed, asked.count, asked.split, backs=asked.backs).items():
            found[key] += listed
    if asked.what == "fit":
        models = {key: fit(listed) for key, listed in sorted(found.items())}
        table = {key: model for key, model in models.items() if model is not None}
        checks = asked.count * len(asked.seed)
        about = {"seeds": asked.seed, "checks": checks, "split": asked.split}
        stored = _stored(table, about, backs=asked.backs)
        TABLE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    table = json.loads(TABLE.read_text(encoding="utf-8"))["fields"]
    print(json.dumps(judge(found, table), indent=1))


if __name__ == "__main__":
    main()
