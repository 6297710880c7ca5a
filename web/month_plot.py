"""The month as bars: where each one stands, for a drawing that is ours and needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deposits.month import DayFlow

WIDTH, HEIGHT = 960, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 8, 12, 26
SERIES = (
    ("received", "received_cents", "#24508f"),
    ("deposited", "deposited_cents", "#b06f00"),
    ("credited", "credited_cents", "#14603a"),
    ("returned", "returned_cents", "#9b1c1c"),
)
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in pixels, and what it says."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    says: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, ``cents`` above the ground."""

    y: float
    cents: int


@dataclass(frozen=True, slots=True)
class Plot:
    """The drawing: bars, lines with their cents, and the days under them."""

    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    days: tuple[tuple[float, int], ...]


def plot(days: Sequence[DayFlow]) -> Plot:
    """Four bars a day: received, deposited, credited and returned."""
    highest = max((getattr(day, name) for day in days for _, name, _ in SERIES), default=0)
    step = _step(highest)
    top = max(step * -(-highest // step), step)
    ground = HEIGHT - _BOTTOM
    scale = (ground - _TOP) / top
    wide = (WIDTH - _LEFT - _RIGHT) / max(len(days), 1)
    bar = wide * 0.8 / len(SERIES)
    bars = tuple(
        Bar(
            round(_LEFT + at * wide + wide * 0.1 + number * bar, 1),
            round(ground - getattr(day, name) * scale, 1),
            round(bar, 1),
            round(getattr(day, name) * scale, 1),
            colour,
            f"{day.on} {label}",
        )
        for at, day in enumerate(days)
        for number, (label, name, colour) in enumerate(SERIES)
        if getattr(day, name)
    )
    lines = tuple(
        Line(round(ground - cents * scale, 1), cents) for cents in range(0, top + 1, step)
    )
    labels = tuple((round(_LEFT + (at + 0.5) * wide, 1), day.on.day) for at, day in enumerate(days))
    return Plot(WIDTH, HEIGHT, _LEFT, bars, lines, labels)


def _step(highest: int) -> int:
    """Cents between two lines, so that there are at most five of them: 1, 2 or 5 and zeros."""
    size = 100
    while True:
        for factor in _STEPS:
            if highest <= 5 * factor * size:
                return factor * size
        size *= 10
