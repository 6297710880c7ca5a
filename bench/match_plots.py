"""Pictures of the matching bench: how far stated chances hold, and how cost grows with accounts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageDraw

from web.demo.fonts import BOLD, SANS, font

Color = tuple[int, int, int]
_INK: Color = (40, 44, 52)
_FAINT: Color = (222, 226, 230)
_COLORS: tuple[Color, ...] = ((31, 94, 168), (200, 88, 28), (38, 128, 92))
_FINE = 3
"""Pictures are drawn so many times as large and then made smaller, for smooth lines."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to a share of an axis, linear or by powers of ten, and what its ticks say."""

    low: float
    high: float
    kind: Literal["even", "powers"]
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """0 at the axis's low end, 1 at its high end; values beyond lie on the end."""
        kept = min(max(value, self.low), self.high)
        if self.kind == "even":
            return (kept - self.low) / (self.high - self.low)
        return math.log(kept / self.low) / math.log(self.high / self.low)


class Panel:
    """One diagram on a picture: axes, grid, and what is drawn between them."""

    def __init__(
        self, draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], x: Scale, y: Scale
    ) -> None:
        self._draw, self._box, self._x, self._y = draw, box, x, y
        self._grid()

    def words(self, title: str, x_words: str, y_words: str) -> None:
        """What the diagram and its axes show; the y axis's words stand above it."""
        left, top, right, bottom = self._box
        _text(self._draw, left, top - 30, title, 15, face=BOLD)
        _text(self._draw, (left + right) // 2, bottom + 34, x_words, 12, anchor="m")
        _text(self._draw, left, top - 10, y_words, 12)

    def diagonal(self) -> None:
        """The line on which both axes are equal."""
        low, high = max(self._x.low, self._y.low), min(self._x.high, self._y.high)
        self._line([(low, low), (high, high)], (150, 154, 160), 1)

    def series(
        self, points: Sequence[tuple[float, float, float, float]], color: int, *, joined: bool
    ) -> None:
        """Points of x, y, and the lowest and highest that y may be."""
        ink = _COLORS[color % len(_COLORS)]
        if joined:
            self._line([(x, y) for x, y, _, _ in points], ink, 2)
        for x, y, low, high in points:
            if high > low:
                self._line([(x, low), (x, high)], ink, 1)
            across, down = self._spot(x, y)
            reach = 3.5 * _FINE
            corners = (across - reach, down - reach, across + reach, down + reach)
            self._draw.ellipse(corners, fill=ink)

    def legend(self, names: Sequence[str]) -> None:
        """What each color stands for, in the upper left corner."""
        left, top, _, _ = self._box
        for place, name in enumerate(names):
            y = top + 16 + 17 * place
            dot = [_FINE * each for each in (left + 10, y - 8, left + 18, y)]
            self._draw.ellipse(dot, fill=_COLORS[place % len(_COLORS)])
            _text(self._draw, left + 24, y, name, 12)

    def _grid(self) -> None:
        left, top, right, bottom = self._box
        for value, words in self._x.ticks:
            self._line([(value, self._y.low), (value, self._y.high)], _FAINT, 1)
            across = left + self._x.at(value) * (right - left)
            _text(self._draw, round(across), bottom + 16, words, 11, anchor="m")
        for value, words in self._y.ticks:
            self._line([(self._x.low, value), (self._x.high, value)], _FAINT, 1)
            down = bottom - self._y.at(value) * (bottom - top)
            _text(self._draw, left - 6, round(down) + 4, words, 11, anchor="r")

    def _spot(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self._box
        across = left + self._x.at(x) * (right - left)
        down = bottom - self._y.at(y) * (bottom - top)
        return across * _FINE, down * _FINE

    def _line(self, points: Sequence[tuple[float, float]], ink: Color, width: int) -> None:
        self._draw.line([self._spot(x, y) for x, y in points], ink, width * _FINE)


def reliability(path: str, bins: Mapping[str, Sequence[Mapping[str, Any]]], sample: str) -> None:
    """Chance stated against share right, and the same near certainty by powers of ten."""
    image, draw = _paper(960, 470)
    tenths = tuple((n / 5, f"{n / 5:.1f}") for n in range(6))
    even = Scale(0, 1, "even", tenths)
    whole = Panel(draw, (60, 70, 450, 400), even, even)
    whole.words("Chance stated and share right", "chance stated", "share right")
    whole.diagonal()
    whole.series(
        [(1 - b["doubt"], 1 - b["wrong_share"], 1 - b["wrong_at_most"], 1 - b["wrong_at_least"])
         for b in bins["all"]], 0, joined=False,
    )  # fmt: skip
    powers = tuple((10.0**n, f"1e{n}" if n else "1") for n in range(-6, 1))
    steep = Scale(1e-6, 1, "powers", powers)
    tail = Panel(draw, (540, 70, 930, 400), steep, steep)
    tail.words("The same near certainty", "doubt stated (1 - chance)", "share wrong, 95 % interval")
    tail.diagonal()
    named = [name for name in ("with_coupon", "without_coupon") if bins.get(name)]
    for place, name in enumerate(named):
        points = [(b["doubt"], b["wrong_share"], b["wrong_at_least"], b["wrong_at_most"])
                  for b in bins[name]]  # fmt: skip
        tail.series(points, place, joined=False)
    tail.legend([name.replace("_", " ") for name in named])
    _text(draw, 60, 456, sample, 11)
    _save(image, path)


def growth(path: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Milliseconds of candidates and of a whole decision against accounts, for each database."""
    image, draw = _paper(960, 470)
    every = [row for some in rows.values() for row in some]
    sizes = sorted({row["accounts"] for row in every})
    marks = tuple((n, f"{n:,}") for n in sizes)
    x = Scale(sizes[0] / 1.6, sizes[-1] * 1.6, "powers", marks)
    for place, (name, words) in enumerate(
        (("candidates_ms", "Candidates"), ("decision_cpu_ms", "Candidates to decision, cpu"))
    ):
        high = max(row[name]["p99"] for row in every) * 1.15
        step = next(s for s in (0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 1e9) if high / s <= 8)
        ticks = tuple((n * step, f"{n * step:g}") for n in range(int(high / step) + 1))
        left = 60 + 480 * place
        panel = Panel(draw, (left, 70, left + 390, 400), x, Scale(0, high, "even", ticks))
        panel.words(words, "accounts", "ms a payment: mean, and to the 99th percentile")
        for color, some in enumerate(rows.values()):
            points = [(row["accounts"] * (1 + 0.06 * color), row[name]["mean"], row[name]["mean"],
                       row[name]["p99"]) for row in some]  # fmt: skip
            panel.series(points, color, joined=True)
        panel.legend(list(rows))
    _save(image, path)


def _paper(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (width * _FINE, height * _FINE), (255, 255, 255))
    return image, ImageDraw.Draw(image)


def _save(image: Image.Image, path: str) -> None:
    small = image.resize((image.width * 2 // _FINE, image.height * 2 // _FINE))
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    small.quantize(64).save(target, optimize=True)


def _text(
    draw: ImageDraw.ImageDraw, x: int, y: int, words: str, size: int, *,
    anchor: str = "l", face: str = SANS,
) -> None:  # fmt: skip
    typeface = font(face, size * _FINE)
    draw.text((x * _FINE, y * _FINE), words, _INK, typeface, anchor=f"{anchor}s")
