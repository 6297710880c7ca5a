"""Pages that are no checks, read: what kind they were taken for, and any that became a check."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.checks.nonchecks import NonCheck
from bench.read_tables import SURE, spread
from ocr.read import read_pages


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page that is no check was taken for.

    ``routing`` is the confidence of the routing number of a check found on it (None: no number).
    """

    index: int
    name: str
    kind: str
    fits: bool
    confidence: float
    is_check: bool
    routing: float | None
    milliseconds: float


def take(index: int, page: NonCheck) -> Taken:
    """Read the page as ``lockbox read`` does."""
    begun = time.process_time()
    readings = read_pages((page.page,), single_envelope=True)
    spent = 1000 * (time.process_time() - begun)
    checks = [one for one in readings if one.kind == "check"]
    routing = None
    for one in checks:
        field = one.fields.get("routing_number")
        if field is not None and field.value is not None:
            routing = max(routing or 0.0, float(field.confidence))
    first = readings[0]
    return Taken(index, page.name, first.kind, first.kind in page.kinds, first.confidence,
                 bool(checks), routing, spent)  # fmt: skip


def figures(taken: Sequence[Taken]) -> dict[str, Any]:
    """How many became a check, and what each sort of page was called."""
    names = sorted({one.name for one in taken})
    return {
        "pages": len(taken),
        "taken_for_checks": sum(one.is_check for one in taken),
        "checks_with_a_routing_number": sum(one.routing is not None for one in taken),
        "kind_right": sum(one.fits for one in taken),
        "kind_wrong_and_sure": sum(not one.fits and one.confidence >= SURE for one in taken),
        "milliseconds": spread([one.milliseconds for one in taken]),
        "kinds": {
            name: dict(Counter(one.kind for one in taken if one.name == name).most_common())
            for name in names
        },
        "became_checks": [f"{one.name} {one.index}" for one in taken if one.is_check][:20],
    }
