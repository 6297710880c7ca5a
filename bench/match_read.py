"""Payments whose check is printed, degraded and read by our own engines: noise nobody wrote.

The payer's name and address stand on the check in the form's typeface, the amount and the memo are
written by hand (on firms' checks printed), the picture is one of seven kinds of scan and photo, and
clues are made of the reading as the product makes them. Stubs are not drawn: the few patients'
names that a stub without a number gives keep the generator's noise.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz.distance import Levenshtein

from bench.checks.captures import CAPTURES, drawn_dpi, take
from bench.checks.facts import Kind, make
from bench.checks.filled import fill_in
from bench.checks.forms import FORMS
from bench.checks.hands import HELD_OUT_FACES, TUNE_FACES, random_hand
from bench.checks.printed import PRINTED
from bench.match_chart import Chart, Family
from bench.match_noise import misread
from bench.match_payments import Drawn, Noise, draw
from intake.types import Page
from matching.clues import payments_of
from matching.readings import Document
from ocr.check import read_check
from ocr.read import reading_to_json
from web.demo.check_facts import CheckFacts
from web.demo.micr_print import print_line
from web.demo.sheet import Sheet

_PERSONAL = tuple(form for form in FORMS if form.kind == "personal")
_FIRMS = ("business", "business_table")
_TOLD_EVERY_S = 20.0
_STUB_NOISE = (0.01, 0.15)


@dataclass(frozen=True, slots=True)
class Papers:
    """Payments as read from paper, and how well the paper was read."""

    drawn: list[Drawn]
    figures: dict[str, Any]


def papers(
    chart: Chart, owing: Sequence[Family], count: int, seed: int, *, number_share: float = 0.0
) -> Papers:
    """So many payments of the chart on paper and read again; the same seed gives the same."""
    todo = draw(chart, owing, count, seed, Noise("none", amount_misread=0.0),
                number_share=number_share)  # fmt: skip
    done: list[Drawn] = []
    rows: list[dict[str, Any]] = []
    begun = told = time.monotonic()
    for place, each in enumerate(todo):
        rng = random.Random(f"paper:{seed}:{place}")
        document = _read(each, rng, place)
        made = _as_read(each, document, rng)
        rows.append(_compared(each, document))
        done.append(made)
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            print(f"read {place + 1} of {count} checks", file=sys.stderr, flush=True)
    spent = round(1000 * (time.monotonic() - begun) / max(count, 1))
    return Papers(done, {**_summed(rows), "drawing_and_reading_ms": spent})


def _read(each: Drawn, rng: random.Random, place: int) -> Document:
    capture = rng.choice(CAPTURES)
    sheet = _drawn(each, rng, drawn_dpi(capture))
    shot = take(sheet, capture, rng)
    reading = read_check(Page(0, shot.pixels, shot.dpi))[0]
    return Document("check", 0, "check", reading_to_json(reading, f"{place}.png"))


def _drawn(each: Drawn, rng: random.Random, dpi: int) -> Sheet:
    kind: Kind = "personal"
    if each.kind == "business":
        kind = "business"
    elif each.kind == "bill_pay":
        kind = "bill_pay"
    facts = _facts(each, kind, rng)
    if kind != "personal":
        design = "bill_pay" if kind == "bill_pay" else rng.choice(_FIRMS)
        return PRINTED[design](facts, dpi, rng).sheet
    hand = random_hand(rng, rng.choice(TUNE_FACES + HELD_OUT_FACES))
    drawn = fill_in(rng.choice(_PERSONAL), facts, hand, dpi, rng)
    print_line(drawn.sheet, facts.micr, gain=rng.uniform(-0.25, 0.3), shift=0.0)
    return drawn.sheet


def _facts(each: Drawn, kind: Kind, rng: random.Random) -> CheckFacts:
    """A check's facts of the bench, with the payment's payer, amount and memo in their place."""
    facts = make(kind, rng).facts
    cents = each.clues.amount_cents or 0
    payer = replace(
        facts.payer, name=each.clues.payer_name, address=_lines(each.clues.payer_address)
    )
    return replace(facts, payer=payer, cents=cents, words_cents=cents, memo=each.clues.memo)


def _lines(address: str) -> tuple[str, ...]:
    """Street, and town with state and ZIP, as a check prints them."""
    if not address:
        return ()
    street, _, rest = address.partition(", ")
    town, state, code = rest.rsplit(" ", 2)
    return (street, f"{town}, {state} {code}")


def _as_read(each: Drawn, document: Document, rng: random.Random) -> Drawn:
    """The payment with the clues of its reading; an unread amount is keyed by a person, rightly."""
    read = document.cents("amount_cents")
    cents = each.clues.amount_cents if read is None else read
    found = payments_of([document], {"check": cents}, {}, each.clues.office_code)["check"]
    (part,) = found.parts
    names = tuple(misread(rng, name, rng.uniform(*_STUB_NOISE)) for name in
                  each.clues.patient_names)  # fmt: skip
    clues = replace(
        part.clues, account_numbers=each.clues.account_numbers,
        statement_numbers=each.clues.statement_numbers, patient_names=names,
    )  # fmt: skip
    return replace(each, clues=clues, amount_misread=cents != each.clues.amount_cents)


def _compared(each: Drawn, document: Document) -> dict[str, Any]:
    printed = "\n".join(_lines(each.clues.payer_address))
    read = document.cents("amount_cents")
    return {
        "name": _letters(each.clues.payer_name, document.text("payer_name")),
        "address": _letters(printed, document.text("payer_address")) if printed else None,
        "amount_unread": read is None,
        "amount_misread": read is not None and read != each.clues.amount_cents,
    }


def _letters(printed: str, read: str) -> tuple[int, int, bool]:
    """Letters wrong, letters printed, and whether anything was read; case and blanks aside."""
    one, other = ("".join(text.upper().split()) for text in (printed, read))
    return Levenshtein.distance(one, other), len(one), bool(other)


def _summed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    figures: dict[str, Any] = {"checks": len(rows)}
    for name in ("name", "address"):
        told = [row[name] for row in rows if row[name] is not None]
        seen = [each for each in told if each[2]]
        figures[name] = {
            "printed": len(told),
            "unread": len(told) - len(seen),
            "without_fault": sum(wrong == 0 for wrong, _, _ in seen),
            "letters_wrong": round(
                sum(wrong for wrong, _, _ in seen) / max(sum(n for _, n, _ in seen), 1), 4
            ),
        }
    for name in ("amount_unread", "amount_misread"):
        figures[name] = sum(row[name] for row in rows)
    return figures
