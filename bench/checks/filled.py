"""A form filled in by hand: date, payee, numerals, words, memo and signature in one hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from bench.checks.forms import Form, print_form
from bench.checks.hands import Hand, Rect, write
from bench.checks.wording import date_line, numerals, words
from web.demo.check_art import signature
from web.demo.check_facts import CheckFacts
from web.demo.sheet import Sheet


@dataclass(slots=True)
class Drawn:
    """A check on paper, where its amounts and its MICR line are (inches), and how it was written.

    ``check`` is the rectangle of the check on the sheet.
    """

    sheet: Sheet
    check: Rect
    places: dict[str, Rect] = field(default_factory=dict)
    manner: dict[str, str] = field(default_factory=dict)


def fill_in(form: Form, facts: CheckFacts, hand: Hand, dpi: int, rng: random.Random) -> Drawn:
    """Draw the form and write on it; the MICR line is still to be printed."""
    sheet, form = print_form(form, facts, dpi)
    drawn = Drawn(sheet, (0.0, 0.0, sheet.width, sheet.height))

    def level(y: float) -> float:
        # Most write a little above the line, some on it and some through it.
        return y - rng.triangular(-0.03, 0.07, 0.025)

    blank = form.date
    write(sheet, rng, hand, blank.x0 + rng.uniform(0.03, 0.15), level(blank.y),
          date_line(rng, facts.written_on), size=0.92, fit=blank.x1 - blank.x0 - 0.12)  # fmt: skip
    blank = form.payee
    drawn.places["payee"] = write(
        sheet, rng, hand, blank.x0 + rng.uniform(0.03, 0.25), level(blank.y), facts.payee,
        fit=blank.x1 - blank.x0 - 0.3,
    )  # fmt: skip
    _write_numerals(form, facts, hand, rng, drawn)
    _write_words(form, facts, hand, rng, drawn)
    blank = form.memo
    if facts.memo:
        write(sheet, rng, hand, blank.x0 + rng.uniform(0.03, 0.15), level(blank.y), facts.memo,
              size=0.9, fit=blank.x1 - blank.x0 - 0.2)  # fmt: skip
    blank = form.signature
    if facts.signed:
        signature(sheet, rng, blank.x0 + 0.15, blank.y - 0.03, facts.payer.name, hand.ink,
                  min(2.2, blank.x1 - blank.x0 - 0.3))  # fmt: skip
    return drawn


def _write_numerals(form: Form, facts: CheckFacts, hand: Hand, rng: random.Random,
                    drawn: Drawn) -> None:  # fmt: skip
    blank = form.numerals
    strokes, way = numerals(rng, facts.cents, sign_printed=form.sign is not None)
    room = blank.x1 - blank.x0 - 0.03
    start = blank.x0 + rng.uniform(0.0, 0.08)
    if form.box is None:
        y = blank.y - rng.triangular(-0.02, 0.07, 0.03)
    else:
        x, top, width, height = form.box
        y = top + height * rng.triangular(0.6, 1.0, 0.78)
        start, room = max(start, x + 0.03), width - 0.05
        if form.sign is not None and x < form.sign[0] < x + width:
            start, room = form.sign[0] + 0.14, x + width - form.sign[0] - 0.16
    place = write(drawn.sheet, rng, hand, start, y, strokes, size=rng.uniform(0.95, 1.25), fit=room)
    drawn.places["numerals"] = place
    drawn.manner["numerals"] = way


def _write_words(form: Form, facts: CheckFacts, hand: Hand, rng: random.Random,
                 drawn: Drawn) -> None:  # fmt: skip
    blank = form.words
    strokes, way = words(rng, facts.words_cents, label_printed=bool(form.closing))
    start = blank.x0 + rng.uniform(0.02, 0.18)
    place = write(drawn.sheet, rng, hand, start, blank.y - rng.triangular(-0.03, 0.07, 0.025),
                  strokes, size=rng.uniform(0.9, 1.1), fit=blank.x1 - start - 0.06)  # fmt: skip
    drawn.places["words"] = place
    drawn.manner["words"] = way
    if rng.random() < 0.72 and place[2] < blank.x1 - 0.35:
        y, end = blank.y - rng.uniform(0.03, 0.09), blank.x1 - rng.uniform(0.0, 0.15)
        sag = 0.035 if rng.random() < 0.3 else 0.012
        middle = [(place[2] + (end - place[2]) * part, y + rng.uniform(-sag, sag))
                  for part in (0.25, 0.5, 0.75)]  # fmt: skip
        pt = max(0.5, 0.9 + 0.5 * hand.weight)
        drawn.sheet.scribble([(place[2] + rng.uniform(0.02, 0.12), y), *middle, (end, y)], pt,
                             hand.ink)  # fmt: skip
        drawn.manner["trailing_line"] = "yes"
