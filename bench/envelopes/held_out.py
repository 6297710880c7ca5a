"""Markings of designs that nothing was tuned on: other faces, shapes and label layouts."""

from __future__ import annotations

import random

import numpy as np

from bench.checks.hands import HELD_OUT_FACES, random_hand, write
from bench.envelopes.facts import TEXTS, Facts
from bench.envelopes.markings import label_rows, older_rows, press, rubbed, tape
from web.demo.fonts import BOLD, SANS, SERIF
from web.demo.sheet import BLUE_INK, Color, Sheet, from_array
from web.demo.symbols import code128

_YELLOW: Color = (240, 220, 60)
_INKS: tuple[Color, ...] = ((30, 60, 150), (190, 30, 90), (20, 90, 60))


def mark(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    """Put the piece's marking on its front."""
    if facts.mark in {"label", "two_labels", "cfs"}:
        if facts.older:
            sheet.overlay(_label(older_rows(facts, rng), sheet.dpi), 5.0, 1.1, rng.uniform(-3, 3))
        place = {"over_address": (2.0, 2.3), "over_bars": (2.6, 1.7)}.get(facts.trouble, (4.9, 2.4))
        label = _label(label_rows(facts), sheet.dpi)
        sheet.overlay(label, place[0], place[1] + rng.uniform(0, 0.1), rng.uniform(-3, 3))
    elif facts.mark == "stamp":
        _round(sheet, facts, rng)
    elif facts.mark == "ticked":
        _columns(sheet, facts, rng)
    elif facts.mark in {"hand", "opened"}:
        hand = random_hand(rng, rng.choice(HELD_OUT_FACES))
        write(sheet, rng, hand, 5.0, 2.7, facts.written, size=1.6, fit=3.8)
        if facts.mark == "opened":
            tape(sheet, rng)


def _label(rows: list[str], dpi: int) -> Sheet:
    """A wider label, its barcode at the right, its reason larger than the rest."""
    label = Sheet(4.3, 0.42 + 0.17 * len(rows), dpi, _YELLOW)
    y = 0.22
    for number, row in enumerate(rows):
        big = number == 2 and len(row) < 30
        label.text(0.15, y, row, face=BOLD if big else SANS, pt=10.5 if big else 9)
        y += 0.17
    digits = "".join(char for char in rows[-1].partition("*")[2] if char.isdigit())
    code128(label, 1.4, y - 0.08, digits, 0.15, module=0.0135)
    return label


def _round(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    """An oval stamp with the date in its middle."""
    color = rng.choice(_INKS)
    stamp = Sheet(3.7, 1.5, sheet.dpi)
    corners = [sheet.px(0.05), sheet.px(0.05), sheet.px(3.6), sheet.px(1.4)]
    stamp.draw.ellipse(corners, outline=color, width=max(2, sheet.px(0.02)))
    stamp.text(1.83, 0.42, "RETURN TO SENDER", face=SERIF, pt=11, fill=color, anchor="m")
    size = min(12, 280 / len(facts.text))
    stamp.text(1.83, 0.78, facts.text, face=BOLD, pt=size, fill=color, anchor="m")
    stamp.text(1.83, 1.08, f"{facts.label_on:%b %d %Y}".upper(), face=SANS, pt=8, fill=color,
               anchor="m")  # fmt: skip
    press(sheet, rubbed(stamp, rng, rng.uniform(0, 0.5)), 5.0, 2.2, rng.uniform(-10, 10))


def _columns(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    """Reasons in two columns with round boxes, the right one crossed."""
    color = rng.choice(_INKS)
    others = [key for key, texts in TEXTS.items()
              if key not in {facts.reason, "new_address"} and len(texts[0]) < 22]  # fmt: skip
    rows = [(key, TEXTS[key][0]) for key in rng.sample(others, 5)]
    rows.insert(rng.randrange(6), (facts.reason, facts.text))
    stamp = Sheet(4.3, 1.5, sheet.dpi)
    stamp.text(2.1, 0.26, "RETURN TO SENDER", face=BOLD, pt=14, fill=color, anchor="m")
    where = (0.0, 0.0)
    for place, (key, text) in enumerate(rows):
        x, y = 0.15 + 2.1 * (place % 2), 0.58 + 0.28 * (place // 2)
        box = [sheet.px(x), sheet.px(y - 0.12), sheet.px(x + 0.13), sheet.px(y + 0.01)]
        stamp.draw.ellipse(box, outline=color, width=2)
        stamp.text(x + 0.2, y, text, pt=min(8.5, 190 / len(text)), fill=color)
        where = (x, y) if key == facts.reason else where
    ink = from_array(rubbed(stamp, rng, rng.uniform(0, 0.3)), sheet.dpi)
    x, y = where
    ink.scribble([(x - 0.04, y - 0.16), (x + 0.16, y + 0.04)], 2.0, BLUE_INK)
    ink.scribble([(x + 0.17, y - 0.15), (x - 0.02, y + 0.03)], 2.0, BLUE_INK)
    press(sheet, np.asarray(ink.image), 4.9, 2.1, rng.uniform(-4, 4))
