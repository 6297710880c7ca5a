"""The probability that a field of a check is right, from the signs its reader gives.

A logistic model for each field and source, fitted on drawn checks (``bench/train/
calibrate_fields.py``) and kept as data in ``field_calibration.json`` with its seed and size.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ocr.check_read import Read
from ocr.odds import chance_at

TABLE = Path(__file__).with_name("field_calibration.json")
UNKNOWN = 0.5
"""What a read is given for which nothing was fitted."""
DOUBT = "doubt"
DOUBTED = 0.85
"""The most for a read with the sign ``DOUBT``: a reason for which no one may be sure."""
_LIKELY = 0.5


_seen: ContextVar[list[tuple[str, Read]] | None] = ContextVar("reads_of_checks", default=None)


@contextmanager
def watching() -> Iterator[list[tuple[str, Read]]]:
    """Collect each read with its signs while this runs, as fitting needs them."""
    seen: list[tuple[str, Read]] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def trusted(name: str, read: Read | None) -> Read | None:
    """``read`` of field ``name`` with the probability that its value is exactly right.

    A source for which no model was fitted keeps what the reader gave, at most ``UNKNOWN``.
    """
    if read is None:
        return None
    seen = _seen.get()
    if seen is not None:
        seen.append((name, read))
    model = _table().get(f"{name}:{read.source}")
    if model is None:
        return replace(read, confidence=min(read.confidence, UNKNOWN))
    return replace(read, confidence=round(chance(model, read.signs), 4))


def chance(model: Mapping[str, Any], signs: Mapping[str, float]) -> float:
    """The model's probability, held at ``DOUBTED`` for a read with that sign.

    So is one with a word or character that its own reader thinks likelier wrong than right
    (``least``): drawn print is read so well that the models make little of it.
    """
    probability = chance_at(log_odds(model, signs))
    doubt = signs.get(DOUBT) or signs.get("least", 1.0) < _LIKELY
    most = min(model["most"], DOUBTED) if doubt else model["most"]
    return float(min(most, probability))


def log_odds(model: Mapping[str, Any], signs: Mapping[str, float]) -> float:
    """What the model adds up; signs are held within the range that it was fitted on."""
    total = float(model["bias"])
    for name, weight, low, high in model["signs"]:
        total += weight * min(high, max(low, signs.get(name, 0.0)))
    return total


@cache
def _table() -> dict[str, Any]:
    if not TABLE.is_file():
        return {}
    return dict(json.loads(TABLE.read_text(encoding="utf-8"))["fields"])
