"""The model of a match as data: what is added to weights, the judge's weights, and its proof."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from matching.types import Reason

MADE_UP = 0.1
"""What a payment made up for proof is worth beside one of the office's own.

A nominal 1 in 1,000 on made-up text became 3 wrong of 517 on text really read (shared reference,
matching): ten made-up payments must stand in for one.
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """Of the matches of a kind that the judge gave ``least`` or more: how many, how many wrong."""

    least: float
    seen: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Model:
    """One version of the model; immutable, kept by its version with every decision.

    ``shifts`` are added to the weights of levels (``signal:level``, natural logarithms);
    ``judge`` holds the weights of ``matching.judging.features``; empty: the softmax stands as it
    is. ``proof`` are the cuts of each kind of evidence on payments that nothing was fitted to,
    ascending; each of those payments counts ``worth`` of one that a sample proves.
    """

    version: str
    shifts: Mapping[str, float] = field(default_factory=dict)
    judge: Mapping[str, float] = field(default_factory=dict)
    proof: Mapping[str, tuple[Cut, ...]] = field(default_factory=dict)
    worth: float = 1.0

    def shifted(self, reason: Reason) -> Reason:
        """The reason with this model's weight."""
        shift = self.shifts.get(f"{reason.signal}:{reason.level}")
        if not shift:
            return reason
        return Reason(reason.signal, reason.level, reason.weight + shift, reason.detail)

    def to_json(self) -> dict[str, Any]:
        """As it is stored and exported; it holds no patient's data."""
        return {
            "version": self.version,
            "worth": self.worth,
            "shifts": dict(sorted(self.shifts.items())),
            "judge": dict(sorted(self.judge.items())),
            "proof": {
                kind: [[cut.least, cut.seen, cut.wrong] for cut in cuts]
                for kind, cuts in sorted(self.proof.items())
            },
        }


def from_json(data: Mapping[str, Any]) -> Model:
    """The model that ``to_json`` wrote."""
    return Model(
        str(data["version"]),
        {str(key): float(value) for key, value in data["shifts"].items()},
        {str(key): float(value) for key, value in data["judge"].items()},
        {
            str(kind): tuple(Cut(float(c[0]), int(c[1]), int(c[2])) for c in cuts)
            for kind, cuts in data["proof"].items()
        },
        float(data["worth"]),
    )


@cache
def shipped() -> Model:
    """The model the program comes with, fitted on seeded charts (``bench.train.matching``)."""
    file = resources.files("matching") / "shipped_model.json"
    return from_json(json.loads(file.read_text(encoding="utf-8")))
