"""A field that was read as the contract's JSON: value, confidence, place, source, alternatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ocr.types import Field


def field_json(value: Field | None) -> dict[str, Any] | None:
    """The field as JSON data; None where nothing was read."""
    if value is None or value.value is None:
        return None
    return {
        # What an 835 says is JSON data already, and may be much: it is not copied.
        "value": value.value if value.source == "x12" else plain(value.value),
        "confidence": rounded(value.confidence),
        "page": int(value.page),
        "box": None if value.box is None else [int(part) for part in value.box],
        "source": value.source,
        "alternatives": [
            {"value": plain(other.value), "confidence": rounded(other.confidence)}
            for other in value.alternatives
        ],
    }


def rounded(confidence: float) -> float:
    """A confidence as the contract prints it: from 0 to 1, four decimals."""
    return round(min(1.0, max(0.0, float(confidence))), 4)


def plain(value: Any) -> Any:
    """JSON data without numpy's number types."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return value.item()
    return value
