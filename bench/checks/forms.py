"""Checks that people fill in by hand: eleven forms as tables of places, and how one is printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from web.demo.check_art import DESIGNS, Design, paper
from web.demo.check_facts import CheckFacts
from web.demo.fonts import BOLD, MONO, SANS, SERIF
from web.demo.sheet import BLACK, GRAY, Color, Sheet, from_array

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Blank:
    """A line to write on from ``x0`` to ``x1`` at ``y`` (inches), and what is printed before it."""

    label: tuple[str, ...]
    at: Spot
    x0: float
    x1: float
    y: float
    pt: float = 6.0


@dataclass(frozen=True, slots=True)
class Form:
    """A check to be filled in; places in inches from the check's upper left corner.

    ``sign`` is where "$" is printed (None: nowhere), ``box`` the numerals' box as x, y, width and
    height (None: a rule at ``numerals``). ``closing`` ends the words line, at ``closing_x``.
    ``stub`` is the width of a voucher at the left. ``kind`` and ``held_out`` are the case's.
    """

    name: str
    width: float
    height: float
    tint: Color
    pattern: str
    face: str
    label_face: str
    label: Color
    payer_at: Spot
    bank_at: Spot
    serial_at: Spot
    fraction_at: Spot
    date: Blank
    payee: Blank
    numerals: Blank
    sign: Spot | None
    box: tuple[float, float, float, float] | None
    words: Blank
    closing: str
    closing_x: float
    memo: Blank
    signature: Blank
    box_fill: Color | None = (255, 255, 255)
    stub: float = 0.0
    border: bool = False
    notes: tuple[tuple[float, float, float, str], ...] = ()
    kind: str = "personal"
    held_out: bool = False


_RED: Color = (132, 46, 46)
_NAVY: Color = (34, 44, 92)
_TEAL: Color = (24, 84, 92)


def _of_design(design: Design) -> Form:
    """One of the demo's personal designs as a form."""
    two = design.two_line_label
    date_x, date_y = design.date_at
    sans = design.label_face == SANS
    payee_y, words_y, foot_y = design.payee_y, design.words_y, design.foot_y
    label = ("PAY TO THE", "ORDER OF") if two else ("Pay to the order of",)
    return Form(
        f"personal_{design.pattern}", 6.0, 2.75, design.tint, design.pattern, design.face,
        design.label_face, design.label, design.payer_at, design.bank_at, (5.72, 0.29), (5.0, 0.42),
        Blank(("DATE" if sans else "Date",), design.date_at, date_x + 0.34, date_x + 1.85,
              date_y + 0.02),
        Blank(label, (0.3, payee_y - 0.08 if two else payee_y), 0.98 if two else 1.3, 4.45,
              payee_y + 0.02, 6 if two else 7),
        Blank((), (0, 0), 4.77, 5.74, payee_y + 0.02), (4.6, payee_y),
        (4.75, payee_y - 0.19, 1.0, 0.26) if design.boxed else None,
        Blank((), (0, 0), 0.3, 4.95, words_y + 0.02), "DOLLARS" if sans else "Dollars", 5.0,
        Blank((design.memo_word,), (0.3, foot_y), 0.68, 2.75, foot_y + 0.02),
        Blank((), (0, 0), 3.3, 5.72, foot_y + 0.02), border=not design.boxed,
    )  # fmt: skip


FORMS: tuple[Form, ...] = (
    *(_of_design(design) for design in DESIGNS),
    Form(  # Date under the number, the amount on a bare rule, no word after the amount in words.
        "personal_bare", 6.0, 2.75, (236, 244, 246), "waves", SERIF, SERIF, _TEAL, (0.34, 0.3),
        (0.34, 1.86), (5.68, 0.3), (5.25, 0.43),
        Blank(("Date",), (4.28, 0.72), 4.52, 5.68, 0.74),
        Blank(("PAY TO THE ORDER OF",), (0.34, 1.08), 1.38, 4.62, 1.1, 5.5),
        Blank((), (0, 0), 4.86, 5.68, 1.1), (4.74, 1.09), None,
        Blank((), (0, 0), 0.34, 5.68, 1.44), "", 0.0,
        Blank(("RE",), (0.34, 2.16), 0.54, 2.6, 2.18), Blank((), (0, 0), 3.1, 5.68, 2.18),
        notes=((4.4, 1.56, 4.2, "Security features included. Details on back."),),
    ),
    Form(  # Wallet size, the bank in the middle, a tight box with its sign outside at the left.
        "personal_wallet", 6.0, 2.75, (250, 240, 240), "guilloche", SANS, SERIF, _RED, (0.28, 0.25),
        (2.55, 0.25), (5.74, 0.25), (5.3, 0.37),
        Blank(("Date",), (3.3, 0.78), 3.56, 5.0, 0.8),
        Blank(("Pay to the", "Order of"), (0.28, 1.05), 0.9, 4.5, 1.14, 6.5),
        Blank((), (0, 0), 4.84, 5.66, 1.12), (4.66, 1.12), (4.82, 0.94, 0.9, 0.22),
        Blank((), (0, 0), 0.28, 5.0, 1.5), "Dollars", 5.05,
        Blank(("For",), (0.28, 2.06), 0.5, 2.5, 2.08), Blank((), (0, 0), 3.0, 5.72, 2.08),
        box_fill=None,
    ),
    Form(  # Three to a page for small offices, with a voucher at the left, two lines to sign.
        "business_desk", 8.25, 3.0, (240, 244, 250), "plain", SANS, SANS, _NAVY, (0.4, 0.34),
        (0.4, 2.02), (7.9, 0.34), (7.1, 0.5),
        Blank(("DATE",), (5.3, 0.8), 5.62, 7.2, 0.82),
        Blank(("PAY TO THE", "ORDER OF"), (0.4, 1.12), 1.06, 6.3, 1.22, 6.5),
        Blank((), (0, 0), 6.62, 7.86, 1.22), (6.45, 1.21), (6.6, 1.0, 1.3, 0.28),
        Blank((), (0, 0), 0.4, 7.05, 1.62), "DOLLARS", 7.1,
        Blank(("MEMO",), (0.4, 2.36), 0.8, 3.6, 2.38), Blank((), (0, 0), 4.9, 7.86, 2.38),
        stub=2.75, border=True, kind="business",
    ),
    Form(  # Canadian: institution and branch in transit, the date's form printed below it.
        "canadian", 6.75, 2.75, (244, 240, 232), "waves", SANS, SANS, _RED, (0.34, 0.3),
        (0.34, 1.86), (5.95, 0.3), (5.5, 0.43),
        Blank(("DATE",), (3.8, 0.68), 4.16, 5.9, 0.7),
        Blank(("PAY TO THE", "ORDER OF"), (0.34, 1.06), 1.0, 4.66, 1.16),
        Blank((), (0, 0), 4.98, 5.96, 1.16), (4.82, 1.15), (4.96, 0.95, 1.02, 0.26),
        Blank((), (0, 0), 0.34, 4.95, 1.5), "DOLLARS", 5.0,
        Blank(("RE",), (0.34, 2.16), 0.58, 2.7, 2.18), Blank((), (0, 0), 3.3, 5.95, 2.18),
        notes=((4.5, 0.79, 4.5, "M M / D D / Y Y Y Y"),
               (5.0, 1.62, 4.0, "Security features included.")), kind="canadian",
    ),
    Form(  # Held out: the sum in words first, then who gets it; "$" inside a tinted box.
        "personal_sum_first", 6.0, 2.75, (232, 240, 232), "marble", SERIF, SANS, (40, 78, 56),
        (2.1, 0.3), (0.34, 0.32), (5.7, 0.32), (5.1, 0.46),
        Blank(("DATE",), (0.34, 0.84), 0.66, 2.2, 0.86),
        Blank(("TO THE ORDER OF",), (0.34, 1.62), 1.2, 4.3, 1.64),
        Blank((), (0, 0), 4.78, 5.66, 1.64), (4.62, 1.62), (4.58, 1.42, 1.14, 0.28),
        Blank(("PAY THE SUM OF",), (0.34, 1.24), 1.12, 5.1, 1.26), "DOLLARS", 5.14,
        Blank(("MEMO",), (0.34, 2.14), 0.68, 2.6, 2.16), Blank((), (0, 0), 3.2, 5.7, 2.16),
        box_fill=(246, 248, 240), held_out=True,
    ),
    Form(  # Held out: a landscape behind everything, the amount on a rule, the bank upper right.
        "personal_landscape", 6.0, 2.75, (214, 226, 238), "hills", SANS, SERIF, _NAVY, (0.3, 0.28),
        (3.55, 0.26), (5.74, 0.26), (3.55, 0.5),
        Blank(("Date",), (2.9, 0.86), 3.18, 4.4, 0.88),
        Blank(("Pay to the", "Order of"), (0.3, 1.1), 0.88, 4.56, 1.2, 6.5),
        Blank((), (0, 0), 4.84, 5.74, 1.2), (4.7, 1.19), None,
        Blank((), (0, 0), 0.3, 4.98, 1.56), "Dollars", 5.02,
        Blank(("Memo",), (0.3, 2.12), 0.62, 2.8, 2.14), Blank((), (0, 0), 3.2, 5.74, 2.14),
        held_out=True,
    ),
)  # fmt: skip
_SHEETS = 3  # pictures of a landscape or of marble that the printers have
BY_NAME = {form.name: form for form in FORMS}


def blank_paper(width: float, height: float, dpi: int, tint: Color, pattern: str,
                seed: int) -> Sheet:  # fmt: skip
    """A fresh sheet of safety paper; the paper itself is made once and kept."""
    number = seed % _SHEETS if pattern in {"hills", "marble"} else 0
    return from_array(_paper(width, height, dpi, tint, pattern, number), dpi)


@lru_cache(maxsize=32)
def _paper(
    width: float, height: float, dpi: int, tint: Color, pattern: str, seed: int
) -> NDArray[np.uint8]:
    return paper(width, height, dpi, tint, pattern, seed).pixels()


def print_form(form: Form, facts: CheckFacts, dpi: int) -> tuple[Sheet, Form]:
    """The empty check with all that its printer puts on it, and the form moved by its stub."""
    sheet = blank_paper(form.width + form.stub, form.height, dpi, form.tint, form.pattern,
                        facts.payer.first_serial)  # fmt: skip
    if form.stub:
        _print_stub(sheet, form, facts)
        form = _moved(form, form.stub)
    payer = facts.payer
    x, y = form.payer_at
    sheet.lines(x, y, [payer.name.upper() if form.face == MONO else payer.name], face=form.face,
                pt=8.5)  # fmt: skip
    sheet.lines(x, y + 0.14, list(payer.address), face=form.face, pt=7)
    sheet.text(*form.serial_at, facts.serial, face=form.face, pt=11, anchor="r")
    sheet.text(*form.fraction_at, _fraction(payer.routing), pt=5.5, fill=GRAY)
    x, y = form.bank_at
    sheet.text(x, y, payer.bank_name, face=BOLD, pt=8.5, fill=form.label)
    sheet.text(x, y + 0.11, payer.bank_town, pt=5.5, fill=form.label)
    for blank in (form.date, form.payee, form.words, form.memo, form.signature):
        _print_blank(sheet, form, blank)
    if form.box is not None:
        sheet.box(*form.box, outline=form.label, fill=form.box_fill)
    else:
        _print_blank(sheet, form, form.numerals)
    if form.sign is not None:
        sheet.text(*form.sign, "$", face=BOLD, pt=13, fill=form.label)
    if form.closing:
        sheet.text(form.closing_x, form.words.y - 0.02, form.closing, face=form.label_face, pt=7,
                   fill=form.label)  # fmt: skip
    for note_x, note_y, pt, text in form.notes:
        sheet.text(note_x, note_y, text, pt=pt, fill=form.label)
    if form.border:
        sheet.box(form.stub + 0.08, 0.08, form.width - 0.16, form.height - 0.16, pt=0.5)
    return sheet, form


def _fraction(routing: str) -> str:
    digits = routing.replace("D", "")
    return f"{int(digits[4:8])}-{int(digits[1:4])}/{int(digits[:4])}"


def _print_blank(sheet: Sheet, form: Form, blank: Blank) -> None:
    if blank.label:
        sheet.lines(*blank.at, blank.label, face=form.label_face, pt=blank.pt, fill=form.label,
                    leading=1.15)  # fmt: skip
    sheet.rule(blank.x0, blank.y, blank.x1, blank.y, fill=form.label)


def _print_stub(sheet: Sheet, form: Form, facts: CheckFacts) -> None:
    """The voucher that stays with the payer, torn off badly: a few labels and a perforation."""
    edge = form.stub
    for dash in range(int(form.height / 0.1)):
        sheet.rule(edge, dash * 0.1, edge, dash * 0.1 + 0.05, 0.5, GRAY)
    sheet.text(edge - 0.3, 0.34, facts.serial, pt=10, anchor="r")
    rows = ("DATE", "TO", "FOR", "BALANCE FORWARD", "DEPOSITS", "THIS CHECK", "BALANCE")
    for row, name in enumerate(rows):
        y = 0.7 + row * 0.28
        sheet.text(0.3, y, name, pt=6, fill=BLACK)
        sheet.rule(1.15, y + 0.02, edge - 0.3, y + 0.02, 0.4, GRAY)


def _moved(form: Form, by: float) -> Form:
    """The form with all its places moved to the right by ``by`` inches."""

    def spot(place: Spot) -> Spot:
        return (place[0] + by, place[1])

    def blank(line: Blank) -> Blank:
        return replace(line, at=spot(line.at), x0=line.x0 + by, x1=line.x1 + by)

    box = form.box
    return replace(
        form,
        payer_at=spot(form.payer_at), bank_at=spot(form.bank_at), serial_at=spot(form.serial_at),
        fraction_at=spot(form.fraction_at), date=blank(form.date), payee=blank(form.payee),
        numerals=blank(form.numerals), sign=None if form.sign is None else spot(form.sign),
        box=None if box is None else (box[0] + by, *box[1:]), words=blank(form.words),
        closing_x=form.closing_x + by, memo=blank(form.memo), signature=blank(form.signature),
    )  # fmt: skip
