"""Seeded check cases: the same seed and index give the same pixels, on every machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bench.checks.captures import CAPTURES, Capture, drawn_dpi, take
from bench.checks.facts import Kind, Known, make
from bench.checks.filled import Drawn, fill_in
from bench.checks.forms import BY_NAME, FORMS
from bench.checks.hands import HELD_OUT_FACES, TUNE_FACES, Hand, random_hand
from bench.checks.printed import HELD_OUT, PRINTED
from intake.types import Box, Page
from web.demo.check_art import draw_back
from web.demo.check_facts import CheckFacts
from web.demo.fonts import BOLD
from web.demo.micr_print import CENTRE, print_line
from web.demo.sheet import Sheet

Split = Literal["tune", "test"]
Alter = Callable[[Drawn, CheckFacts, Hand], None]
"""What someone does to a check after it was written by hand."""

_PRINTED_KINDS: dict[str, Kind] = {
    "business": "business", "bill_pay": "bill_pay", "money_order": "money_order",
    "cashier": "cashier", "treasury": "treasury", "postal_money_order": "postal_money_order",
    "insurance_stub": "insurance_stub", "business_table": "business",
}  # fmt: skip
_WEIGHTS = {"business": 2.0, "bill_pay": 1.4, "insurance_stub": 1.0, "canadian": 0.6,
            "money_order": 0.7, "cashier": 0.7, "treasury": 0.6, "postal_money_order": 0.6,
            "business_table": 1.0}  # fmt: skip
_HAND_WEIGHT = 1.35


@dataclass(frozen=True, slots=True)
class Case:
    """A drawn check and the truth of it.

    ``truth`` has the contract's fields. ``boxes`` are the pixels (x, y, width, height) of the
    ``numerals``, the ``words`` and the ``micr`` line in ``page``, cut as a person would;
    ``turned`` is 180 when the page lies upside down. ``manner`` tells how amounts are written.
    """

    page: Page
    back: Page | None
    truth: dict[str, Any]
    design: str
    hand: str
    capture: Capture
    writing: Literal["hand", "print"]
    kind: Kind
    held_out: bool
    boxes: dict[str, Box] = field(default_factory=dict)
    turned: int = 0
    manner: dict[str, str] = field(default_factory=dict)


def cases(seed: int, count: int, *, split: Split = "tune", start: int = 0) -> Iterator[Case]:
    """``count`` cases from index ``start`` on, one at a time.

    The split ``tune`` never shows a held-out form or hand; ``test`` draws from all of them.
    """
    for index in range(start, start + count):
        yield case(seed, index, split=split)


def is_handwritten(seed: int, index: int, *, split: Split = "tune") -> bool:
    """Whether the case of this number is written by hand, without drawing it."""
    return _design(split, _chances(seed, index, split)) in BY_NAME


def _chances(seed: int, index: int, split: Split) -> random.Random:
    return random.Random(f"check cases:{split}:{seed}:{index}")


def case(seed: int, index: int, *, split: Split = "tune", alter: Alter | None = None) -> Case:
    """The case number ``index`` of a seed and split; ``alter`` comes after the writing by hand."""
    rng = _chances(seed, index, split)
    design = _design(split, rng)
    capture = rng.choice(CAPTURES)
    dpi = drawn_dpi(capture)
    form = BY_NAME.get(design)
    kind: Kind = _PRINTED_KINDS[design] if form is None else form.kind  # type: ignore[assignment]
    known = make(kind, rng)
    face = ""
    if form is None:
        drawn = PRINTED[design](known.facts, dpi, rng)
    else:
        face = rng.choice(TUNE_FACES if split == "tune" else TUNE_FACES + HELD_OUT_FACES)
        hand = random_hand(rng, face)
        drawn = fill_in(form, known.facts, hand, dpi, rng)
        if alter is not None:
            alter(drawn, known.facts, hand)
        shift = rng.uniform(-0.02, 0.02)
        print_line(drawn.sheet, known.facts.micr, gain=rng.uniform(-0.25, 0.3), shift=shift)
    _encode_amount(drawn, known, rng)
    if rng.random() < 0.04:
        _stamp_received(drawn, rng)
    shot = take(drawn.sheet, capture, rng)
    x0, _, x1, y1 = drawn.check
    places = {**drawn.places, "micr": (x0 + 0.1, y1 - CENTRE - 0.14, x1 - 0.1, y1 - CENTRE + 0.14)}
    held = form.held_out if form is not None else design in HELD_OUT
    return Case(
        page=Page(0, shot.pixels, _declared(shot.dpi, f"{split}:{seed}:{index}")),
        back=_back(drawn, known, capture, rng),
        truth=known.truth(),
        design=design,
        hand=face,
        capture=capture,
        writing="hand" if form is not None else "print",
        kind=kind,
        held_out=held or face in HELD_OUT_FACES,
        boxes={name: shot.box(place) for name, place in places.items()},
        turned=shot.turned,
        manner=drawn.manner,
    )


def _declared(dpi: float | None, key: str) -> float | None:
    """What the file says of its resolution: one in eight says nothing, a few say nonsense."""
    if dpi is None:
        return None
    chance = random.Random(f"declared:{key}").random()
    if chance < 0.12:
        return None
    return 72.0 if chance < 0.14 else 96.0 if chance < 0.16 else dpi


def _design(split: Split, rng: random.Random) -> str:
    weights: dict[str, float] = {}
    for form in FORMS:
        if split == "test" or not form.held_out:
            weights[form.name] = _WEIGHTS.get(form.name, _HAND_WEIGHT)
    for name in PRINTED:
        if split == "test" or name not in HELD_OUT:
            weights[name] = _WEIGHTS[name]
    return rng.choices(tuple(weights), weights=tuple(weights.values()))[0]


def _encode_amount(drawn: Drawn, known: Known, rng: random.Random) -> None:
    """Print the amount field as a proof machine does, on the check's own lower edge."""
    line = known.amount_field
    if line is None:
        return
    x0, y0, x1, y1 = drawn.check
    sheet = drawn.sheet
    band = Sheet(x1 - x0, y1 - y0, sheet.dpi)
    print_line(band, line, gain=rng.uniform(-0.1, 0.4))
    top = band.px(band.height - CENTRE - 0.15)
    ink = band.pixels()[top : top + band.px(0.3), :, 0].copy()
    sheet.stamp(ink, x0, y0 + top / sheet.dpi)


def _stamp_received(drawn: Drawn, rng: random.Random) -> None:
    """An office's stamp somewhere on the check, over what is there."""
    stamp = Sheet(1.5, 0.4, drawn.sheet.dpi)
    stamp.box(0.03, 0.03, 1.42, 0.33, pt=1.2, outline=(130, 130, 130))
    stamp.text(0.75, 0.19, "RECEIVED", face=BOLD, pt=9, fill=(120, 120, 120), anchor="m")
    stamp.text(0.75, 0.32, f"NOV {rng.randint(2, 16)} 2026", face=BOLD, pt=7.5,
               fill=(120, 120, 120), anchor="m")  # fmt: skip
    turned = stamp.image.rotate(rng.uniform(-9, 9), expand=True, fillcolor=(255, 255, 255))
    ink = np.asarray(turned.convert("L"))
    x0, y0, x1, _ = drawn.check
    drawn.sheet.stamp(ink, x0 + rng.uniform(1.2, x1 - x0 - 2.2), y0 + rng.uniform(0.05, 1.6))


def _back(drawn: Drawn, known: Known, capture: Capture, rng: random.Random) -> Page | None:
    """The reverse in the same capture, endorsed by the payee's stamp or not yet."""
    x0, y0, x1, y1 = drawn.check
    facts = known.facts
    by = facts.payee if facts.endorsed else ""
    sheet = draw_back(x1 - x0, y1 - y0, drawn.sheet.dpi, rng, by, "1234567890")
    shot = take(sheet, capture, rng)
    return Page(1, shot.pixels, shot.dpi)
