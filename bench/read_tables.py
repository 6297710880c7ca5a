"""Tables of a reading bench: counts by field and group, calibration, and rates by threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from bench.read_rows import Judged, Row
from ocr.check import CHECK_FIELDS

SURE = 0.9
THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.001)
FIELDS = (*CHECK_FIELDS, "endorsed")
GROUPS: dict[str, Callable[[Judged], str]] = {
    "capture": lambda one: one.capture,
    "writing": lambda one: one.writing,
    "held_out": lambda one: "held out" if one.held_out else "known",
    "kind": lambda one: one.kind,
}


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows are right, wrong, unread, and wrong with a confidence of 0.9 or more."""
    verdicts = Counter(row.verdict for row in rows)
    return {
        "right": verdicts["right"],
        "wrong": verdicts["wrong"],
        "unread": verdicts["unread"],
        "wrong_and_sure": sum(row.verdict == "wrong" and row.confidence >= SURE for row in rows),
        "right_and_sure": sum(row.verdict == "right" and row.confidence >= SURE for row in rows),
    }


def by_field(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Counts of each field over all checks and by capture, writing, held out or not, and kind."""
    table: dict[str, dict[str, Any]] = {}
    for name in FIELDS:
        pairs = [(one, row) for one in judged for row in one.rows if row.field == name]
        if not pairs:
            continue
        entry: dict[str, Any] = {"all": counts([row for _, row in pairs])}
        for group, key in GROUPS.items():
            parts: dict[str, list[Row]] = {}
            for one, row in pairs:
                parts.setdefault(key(one), []).append(row)
            entry[group] = {part: counts(rows) for part, rows in sorted(parts.items())}
        table[name] = entry
    return table


def calibration(rows: Sequence[Row]) -> dict[str, Any]:
    """Confidence beside how often it was right, by bins, and the expected calibration error.

    The error is the mean distance of the two over the bins, weighted by how many fall in each.
    """
    read = [row for row in rows if row.verdict != "unread"]
    bins = []
    error = 0.0
    for low, high in pairwise(_EDGES):
        inside = [row for row in read if low <= row.confidence < high]
        if not inside:
            continue
        given = sum(row.confidence for row in inside) / len(inside)
        right = sum(row.verdict == "right" for row in inside) / len(inside)
        error += len(inside) * abs(given - right) / len(read)
        bins.append({"from": low, "to": min(high, 1.0), "count": len(inside),
                     "confidence": round(given, 4), "right": round(right, 4)})  # fmt: skip
    return {"expected_error": round(error, 4), "bins": bins}


def rates(rows: Iterable[Row], threshold: float) -> dict[str, Any]:
    """Of all rows: the share accepted at ``threshold``, and how many of these are wrong."""
    listed = list(rows)
    accepted = [row for row in listed if row.verdict != "unread" and row.confidence >= threshold]
    wrong = sum(row.verdict == "wrong" for row in accepted)
    return {
        "of": len(listed),
        "accepted": len(accepted),
        "read_rate": round(len(accepted) / max(1, len(listed)), 4),
        "wrong": wrong,
        "wrong_rate": round(wrong / max(1, len(accepted)), 5),
    }


def thresholds(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Read rate and wrong rate of every field at each threshold; amounts also by writing."""
    table: dict[str, dict[str, Any]] = {}
    for name in FIELDS:
        rows = [row for one in judged for row in one.rows if row.field == name]
        if rows:
            table[name] = {f"{level:g}": rates(rows, level) for level in THRESHOLDS}
    for writing in ("hand", "print"):
        rows = [
            row for one in judged if one.writing == writing
            for row in one.rows if row.field == "amount_cents"
        ]  # fmt: skip
        if rows:
            table[f"amount_cents ({writing})"] = {
                f"{level:g}": rates(rows, level) for level in THRESHOLDS
            }
    return table


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, median and 95th percentile."""
    if not values:
        return {"mean": 0.0, "median": 0.0, "p95": 0.0}
    ranked = sorted(values)
    return {
        "mean": round(sum(ranked) / len(ranked), 1),
        "median": round(ranked[len(ranked) // 2], 1),
        "p95": round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1),
    }
