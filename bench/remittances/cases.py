"""Files of remittances with their truth, by seed: born digital, and the same printed and scanned.

The n-th case of a layout is the same whatever else is drawn beside it.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Remittance
from bench.remittances.layouts.design import Layout
from bench.remittances.layouts.every import Which, layouts
from bench.remittances.make import make
from bench.remittances.scans import Capture, random_capture, scanned_file
from bench.remittances.traits import Special
from bench.remittances.truth import truth

_ORDINARY = 8  # of these many cases beside one of each special kind the layout can print


@dataclass(frozen=True)
class Case:
    """One PDF of a layout: ``documents`` has an entry ``{pages, fields}`` for each payment."""

    seed: int
    number: int
    layout: Layout
    special: Special | None
    remittances: tuple[Remittance, ...]

    @cached_property
    def _drawn(self) -> tuple[bytes, tuple[int, ...]]:
        return draw(self.remittances, self.layout)

    @property
    def pdf(self) -> bytes:
        """The born-digital file."""
        return self._drawn[0]

    @property
    def pages(self) -> int:
        """How many pages the file has."""
        return sum(self._drawn[1])

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The truth of every payment with its 0-based pages."""
        made: list[dict[str, Any]] = []
        first = 0
        for remittance, count in zip(self.remittances, self._drawn[1], strict=True):
            fields = truth(remittance, self.layout.traits)
            made.append({"pages": list(range(first, first + count)), "fields": fields})
            first += count
        return made

    def scanned(self) -> tuple[Capture, str, bytes]:
        """The same pages printed and scanned: how, file ending, bytes."""
        rng = random.Random(f"scan {self.seed} {self.layout.name} {self.number}")
        capture = random_capture(rng)
        ending, data = scanned_file(self.pdf, capture, rng)
        return capture, ending, data


def draw(remittances: Sequence[Remittance], layout: Layout) -> tuple[bytes, tuple[int, ...]]:
    """One PDF of all payments, each on pages of its own; and how many pages each has."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    counts: list[int] = []
    for remittance in remittances:
        before = canvas.getPageNumber()
        layout.draw(canvas, remittance)
        canvas.showPage()
        counts.append(canvas.getPageNumber() - before)
    canvas.save()
    return out.getvalue(), tuple(counts)


def case(seed: int, layout: Layout, number: int) -> Case:
    """The ``number``-th case of a layout."""
    rng = random.Random(f"remittance {seed} {layout.name} {number}")
    kinds: list[Special | None] = [*sorted(layout.traits.specials), *[None] * _ORDINARY]
    special = rng.choice(kinds)
    made = make(rng, layout.traits, special)
    if layout.section is not None:
        made = tuple(
            replace(one, claims=tuple(sorted(one.claims, key=layout.section))) for one in made
        )
    if layout.by_day:
        made = tuple(_by_day(one) for one in made)
    return Case(seed, number, layout, special, made)


def _by_day(remittance: Remittance) -> Remittance:
    return replace(remittance, claims=tuple(
        replace(claim, lines=tuple(sorted(claim.lines, key=lambda line: line.service_on)))
        for claim in remittance.claims
    ))  # fmt: skip


def cases(seed: int, count: int, which: Which = "all") -> Iterator[Case]:
    """``count`` cases, the layouts in turn."""
    listed = layouts(which)
    for place in range(count):
        yield case(seed, listed[place % len(listed)], place // len(listed))
