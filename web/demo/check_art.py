"""Checks on paper: five personal designs, business and bill-pay checks, money orders, backs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from web.demo.check_facts import CheckFacts, date_line, numerals, words_line
from web.demo.codes import dollars
from web.demo.fonts import BOLD, MONO, SANS, SCRIPT, SERIF
from web.demo.micr_print import print_line
from web.demo.sheet import BLACK, GRAY, Color, Sheet, from_array

PERSONAL = (6.0, 2.75)
BUSINESS = (8.5, 3.5)


@dataclass(frozen=True, slots=True)
class Design:
    """How one brand of personal checks looks; places in inches, baselines for text."""

    tint: Color
    pattern: str
    face: str
    label_face: str
    label: Color
    bank_at: tuple[float, float]
    payer_at: tuple[float, float]
    date_at: tuple[float, float]
    payee_y: float
    words_y: float
    foot_y: float
    two_line_label: bool
    boxed: bool
    memo_word: str


_INK: Color = (52, 58, 88)
DESIGNS = (
    Design((222, 233, 246), "waves", SERIF, SANS, _INK, (0.32, 1.78), (0.32, 0.27), (3.72, 0.62),
           1.14, 1.47, 2.12, two_line_label=True, boxed=True, memo_word="MEMO"),
    Design((226, 240, 226), "guilloche", SANS, SANS, (40, 78, 56), (2.45, 0.28), (0.3, 0.27),
           (3.9, 0.68), 1.13, 1.5, 2.1, two_line_label=True, boxed=True, memo_word="FOR"),
    Design((247, 238, 220), "hills", MONO, SERIF, (96, 66, 34), (0.32, 1.84), (0.34, 0.3),
           (3.6, 0.66), 1.18, 1.52, 2.14, two_line_label=False, boxed=True, memo_word="Memo"),
    Design((255, 255, 255), "plain", BOLD, SANS, BLACK, (0.3, 1.78), (0.3, 0.27), (3.8, 0.64),
           1.12, 1.45, 2.1, two_line_label=True, boxed=False, memo_word="MEMO"),
    Design((238, 232, 244), "marble", SERIF, SERIF, (74, 52, 92), (2.3, 0.26), (0.3, 0.28),
           (3.75, 0.7), 1.16, 1.5, 2.12, two_line_label=False, boxed=True, memo_word="For"),
)  # fmt: skip


def paper(width: float, height: float, dpi: int, tint: Color, pattern: str, seed: int) -> Sheet:
    """A sheet of safety paper: ``tint`` with a pale ``pattern`` that fades to the MICR band."""
    if pattern == "plain":
        return Sheet(width, height, dpi, tint)
    rows, cols = round(height * dpi), round(width * dpi)
    y, x = np.mgrid[0:rows, 0:cols].astype(np.float32) / dpi
    wave = _pattern(pattern, x, y, height, seed)
    fade = np.clip((height - 0.5 - y) / 0.35, 0.12, 1.0)
    base = np.array(tint, dtype=np.float32)
    pixels = base[None, None, :] - (wave * fade)[:, :, None] * np.array([16, 14, 11], np.float32)
    return from_array(np.clip(pixels, 0, 255), dpi)


def _pattern(
    name: str, x: NDArray[np.float32], y: NDArray[np.float32], height: float, seed: int
) -> NDArray[np.float32]:
    """Darkness 0 to 1 of a background pattern at the places x, y (inches)."""
    value: NDArray[np.floating[Any]]
    if name == "waves":
        value = 0.5 + 0.5 * np.sin(60 * y + 1.6 * np.sin(6 * x))
    elif name == "guilloche":
        value = np.abs(np.sin(22 * x + 2 * np.sin(9 * y)) * np.sin(22 * y + 2 * np.sin(9 * x)))
    elif name == "hills":
        ridge = height * 0.55 + 0.16 * np.sin(1.7 * x + seed) + 0.1 * np.sin(3.9 * x + 1)
        value = np.where(y > ridge, 0.75, 0.1) + 0.25 * np.clip(y / height, 0, 1)
    else:  # marble
        noise = np.random.default_rng(seed).random((24, 48)).astype(np.float32)
        value = np.asarray(
            cv2.resize(noise, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_CUBIC), np.float32
        )
    return value.astype(np.float32)


def signature(sheet: Sheet, rng: random.Random, x: float, y: float, name: str,
              ink: Color, room: float = 1.9) -> None:  # fmt: skip
    """Sign as ``name`` on the line at ``y``: a script face and a flourish through it."""
    sheet.hand(rng, x, y, name, face=SCRIPT, digit=rng.uniform(0.13, 0.17), ink=ink, fit=room)
    points = [(x + 0.05 + i * room / 9, y - 0.03 + rng.uniform(-0.075, 0.05)) for i in range(8)]
    sheet.scribble(points, rng.uniform(0.7, 1.1), ink)


def draw_personal(facts: CheckFacts, dpi: int, rng: random.Random) -> Sheet:
    """A handwritten check of 6 x 2.75 inches in the payer's design and hand."""
    design = DESIGNS[facts.payer.design % len(DESIGNS)]
    width, height = PERSONAL
    sheet = paper(width, height, dpi, design.tint, design.pattern, facts.payer.first_serial)
    _print_form(sheet, facts, design)
    hand, ink, size = facts.payer.hand, facts.payer.ink, rng.uniform(0.105, 0.125)
    x, y = design.date_at
    sheet.hand(rng, x + 0.42, y - 0.02, date_line(facts.written_on, rng), face=hand, ink=ink,
               digit=size * 0.95, fit=1.4)  # fmt: skip
    sheet.hand(rng, 1.15 if design.two_line_label else 1.5, design.payee_y - 0.02, facts.payee,
               face=hand, ink=ink, digit=size, fit=3.0)  # fmt: skip
    sheet.hand(rng, 4.83, design.payee_y - 0.02, numerals(facts.cents, rng), face=hand, ink=ink,
               digit=size * 1.15, fit=0.86)  # fmt: skip
    end = 0.4 + sheet.hand(rng, 0.4, design.words_y - 0.02, words_line(facts.words_cents, rng),
                           face=hand, ink=ink, digit=size * 1.05, fit=4.3)  # fmt: skip
    if end < 4.2:
        line_y = design.words_y - 0.06
        sheet.scribble([(end, line_y), ((end + 4.9) / 2, line_y + rng.uniform(-0.02, 0.02)),
                        (4.9, line_y)], 0.8, ink)  # fmt: skip
    if facts.memo:
        sheet.hand(rng, 0.78, design.foot_y - 0.02, facts.memo, face=hand, ink=ink,
                   digit=size * 0.9, fit=1.9)  # fmt: skip
    if facts.signed:
        signature(sheet, rng, 3.5, design.foot_y - 0.02, facts.payer.name, ink)
    print_line(sheet, facts.micr, gain=rng.uniform(-0.25, 0.3), shift=rng.uniform(-0.02, 0.02))
    return sheet


def _print_form(sheet: Sheet, facts: CheckFacts, design: Design) -> None:
    """Everything that the check printer puts on the form."""
    payer = facts.payer
    x, y = design.payer_at
    sheet.lines(x, y + 0.02, [payer.name.upper() if design.face == MONO else payer.name],
                face=design.face, pt=8.5)  # fmt: skip
    sheet.lines(x, y + 0.16, list(payer.address), face=design.face, pt=7)
    sheet.text(5.72, 0.29, facts.serial, face=design.face, pt=11, anchor="r")
    routing = payer.routing
    sheet.text(5.0, 0.42, f"{int(routing[4:8])}-{int(routing[1:4])}/{routing[:4]}", pt=5.5,
               fill=GRAY)  # fmt: skip
    x, y = design.bank_at
    sheet.text(x, y, payer.bank_name, face=BOLD, pt=8.5, fill=design.label)
    sheet.text(x, y + 0.11, payer.bank_town, pt=5.5, fill=design.label)
    x, y = design.date_at
    sheet.text(x, y, "DATE" if design.label_face == SANS else "Date", face=design.label_face,
               pt=6, fill=design.label)  # fmt: skip
    sheet.rule(x + 0.34, y + 0.02, x + 1.85, y + 0.02, fill=design.label)
    y = design.payee_y
    if design.two_line_label:
        sheet.lines(0.3, y - 0.08, ["PAY TO THE", "ORDER OF"], face=design.label_face, pt=6,
                    fill=design.label, leading=1.15)  # fmt: skip
        start = 0.98
    else:
        start = 0.42 + sheet.text(0.3, y, "Pay to the order of", face=design.label_face, pt=7,
                                  fill=design.label)  # fmt: skip
    sheet.rule(start, y + 0.02, 4.45, y + 0.02, fill=design.label)
    sheet.text(4.6, y, "$", face=BOLD, pt=13, fill=design.label)
    if design.boxed:
        sheet.box(4.75, y - 0.19, 1.0, 0.26, outline=design.label, fill=(255, 255, 255))
    else:
        sheet.rule(4.75, y + 0.02, 5.75, y + 0.02, fill=design.label)
    y = design.words_y
    sheet.rule(0.3, y + 0.02, 4.95, y + 0.02, fill=design.label)
    sheet.text(5.0, y, "DOLLARS" if design.label_face == SANS else "Dollars",
               face=design.label_face, pt=7, fill=design.label)  # fmt: skip
    y = design.foot_y
    sheet.text(0.3, y, design.memo_word, face=design.label_face, pt=6, fill=design.label)
    sheet.rule(0.68, y + 0.02, 2.75, y + 0.02, fill=design.label)
    sheet.rule(3.3, y + 0.02, 5.72, y + 0.02, fill=design.label)
    if design.pattern == "plain":
        sheet.box(0.08, 0.08, 5.84, 2.59, pt=0.5)


def draw_business(facts: CheckFacts, dpi: int, rng: random.Random) -> Sheet:
    """A laser-printed insurer's check of 8.5 x 3.5 inches with auxiliary on-us."""
    width, height = BUSINESS
    tint: Color = ((226, 236, 246), (232, 242, 232), (246, 240, 228))[facts.payer.design % 3]
    pattern = ("guilloche", "waves", "plain")[facts.payer.design % 3]
    sheet = paper(width, height, dpi, tint, pattern, 5)
    sheet.text(0.4, 0.42, facts.payer.name, face=BOLD, pt=12)
    sheet.lines(0.4, 0.58, list(facts.payer.address), pt=8)
    sheet.text(3.6, 0.4, facts.payer.bank_name, face=BOLD, pt=8.5)
    sheet.text(3.6, 0.52, facts.payer.bank_town, pt=7)
    sheet.text(6.3, 0.4, "CHECK NO.", pt=7)
    sheet.text(8.1, 0.4, facts.serial, face=BOLD, pt=11, anchor="r")
    sheet.text(6.3, 0.68, "DATE", pt=7)
    sheet.text(8.1, 0.68, f"{facts.written_on:%m/%d/%Y}", face=MONO, pt=10, anchor="r")
    sheet.text(0.4, 1.18, "PAY", pt=7)
    words = words_line(facts.words_cents, rng).upper().replace("&", "AND")
    sheet.text(0.8, 1.18, f"***{words.replace('XX', '00').replace('NO/', '00/')} DOLLARS",
               face=MONO, pt=9.5)  # fmt: skip
    sheet.text(6.3, 1.1, "AMOUNT", pt=7)
    sheet.box(6.3, 1.15, 1.85, 0.28, fill=(255, 255, 255))
    sheet.text(8.05, 1.35, f"$***{dollars(facts.cents)}", face=MONO, pt=11, anchor="r")
    sheet.lines(0.4, 1.62, ["TO THE", "ORDER", "OF"], pt=7)
    sheet.text(1.0, 1.7, facts.payee.upper(), face=MONO, pt=10)
    sheet.rule(5.2, 2.55, 8.1, 2.55)
    sheet.text(6.65, 2.67, "AUTHORIZED SIGNATURE", pt=6, anchor="m")
    if facts.signed:
        signature(sheet, rng, 5.5, 2.5, "R. T. Halvorsen", BLACK)
    sheet.text(0.4, 2.67, "VOID AFTER 180 DAYS", pt=6, fill=GRAY)
    print_line(sheet, facts.micr, gain=rng.uniform(-0.15, 0.2))
    return sheet


def draw_bill_pay(facts: CheckFacts, dpi: int, rng: random.Random) -> Sheet:
    """A check that an online bill payment service prints: typed, "signature on file"."""
    sheet = paper(7.5, 3.0, dpi, (240, 244, 240), "plain", 3)
    sheet.lines(0.35, 0.3, [facts.payer.name.upper(), *facts.payer.address], face=MONO, pt=8.5)
    sheet.text(7.1, 0.3, facts.serial, face=MONO, pt=11, anchor="r")
    sheet.text(4.0, 0.3, facts.payer.bank_name, face=BOLD, pt=8)
    sheet.text(4.0, 0.42, facts.payer.bank_town, pt=6.5)
    sheet.text(5.0, 0.72, "DATE", pt=6.5)
    sheet.text(5.4, 0.72, f"{facts.written_on:%m/%d/%Y}", face=MONO, pt=9.5)
    words = words_line(facts.words_cents, rng).upper().replace("&", "AND")
    sheet.text(0.35, 1.1, words.replace("XX", "00").replace("NO/", "00/") + " DOLLARS",
               face=MONO, pt=9)  # fmt: skip
    sheet.lines(0.35, 1.38, ["PAY TO THE", "ORDER OF"], pt=6.5)
    sheet.text(1.1, 1.44, facts.payee.upper(), face=MONO, pt=9.5)
    sheet.box(5.5, 1.24, 1.6, 0.27, fill=(255, 255, 255))
    sheet.text(7.02, 1.43, f"${dollars(facts.cents)}", face=MONO, pt=10.5, anchor="r")
    if facts.memo:
        sheet.text(0.35, 1.9, f"MEMO: {facts.memo}", face=MONO, pt=8.5)
    sheet.text(0.35, 2.08, "Payment sent at the direction of your customer", pt=6, fill=GRAY)
    sheet.rule(4.4, 2.1, 7.1, 2.1)
    sheet.lines(4.5, 1.94, ["SIGNATURE ON FILE"], face=MONO, pt=8.5)
    sheet.text(5.75, 2.2, "This check has been authorized by your depositor", pt=5.5, anchor="m")
    print_line(sheet, facts.micr)
    return sheet


def draw_money_order(facts: CheckFacts, dpi: int, rng: random.Random) -> Sheet:
    """A money order of 7 x 2.75 inches: printed amount, purchaser in handwriting."""
    sheet = paper(7.0, 2.75, dpi, (246, 232, 236), "guilloche", 9)
    sheet.text(0.35, 0.38, "PERSONAL MONEY ORDER", face=BOLD, pt=13, fill=(120, 30, 60))
    sheet.text(6.65, 0.38, facts.serial, face=MONO, pt=12, anchor="r")
    sheet.text(0.35, 0.54, facts.payer.bank_name, pt=7.5)
    sheet.text(4.6, 0.7, f"DATE {facts.written_on:%m/%d/%Y}", face=MONO, pt=9)
    sheet.lines(0.35, 0.98, ["PAY TO THE", "ORDER OF"], pt=6.5)
    sheet.rule(1.05, 1.08, 4.9, 1.08)
    sheet.hand(rng, 1.15, 1.05, facts.payee, face=facts.payer.hand, ink=facts.payer.ink, fit=3.6)
    sheet.box(5.2, 0.86, 1.45, 0.27, fill=(255, 255, 255))
    sheet.text(6.58, 1.05, f"${dollars(facts.cents)}", face=MONO, pt=11, anchor="r")
    words = words_line(facts.words_cents, rng).upper().replace("&", "AND")
    sheet.text(0.35, 1.38, words.replace("XX", "00").replace("NO/", "00/") + " DOLLARS",
               face=MONO, pt=9)  # fmt: skip
    sheet.text(0.35, 1.75, "PURCHASER", pt=6)
    sheet.rule(1.05, 1.77, 3.9, 1.77)
    sheet.hand(rng, 1.1, 1.74, facts.payer.name, face=facts.payer.hand, ink=facts.payer.ink)
    sheet.text(0.35, 2.05, "ADDRESS", pt=6)
    sheet.rule(1.05, 2.07, 4.2, 2.07)
    sheet.hand(rng, 1.1, 2.04, ", ".join(facts.payer.address), face=facts.payer.hand,
               ink=facts.payer.ink, digit=0.09, fit=3.0)  # fmt: skip
    if facts.signed:
        signature(sheet, rng, 4.6, 2.04, facts.payer.name, facts.payer.ink, 1.8)
    sheet.rule(4.5, 2.07, 6.65, 2.07)
    print_line(sheet, facts.micr)
    return sheet


def draw_back(width: float, height: float, dpi: int, rng: random.Random, endorsed_by: str,
              account: str) -> Sheet:  # fmt: skip
    """The back of a check: endorsement box, security notice, perhaps the payee's stamp."""
    sheet = paper(width, height, dpi, (248, 248, 246), "plain", 1)
    edge = width - 1.55
    sheet.rule(edge, 0.15, edge, height - 0.2, pt=0.4, fill=GRAY)
    sheet.text(edge + 0.1, 0.25, "ENDORSE HERE", face=BOLD, pt=6.5, fill=GRAY)
    for row in range(3):
        sheet.rule(edge + 0.1, 0.5 + row * 0.22, width - 0.1, 0.5 + row * 0.22, 0.4, GRAY)
    sheet.lines(edge + 0.1, 1.4, ["DO NOT WRITE, STAMP OR SIGN", "BELOW THIS LINE"], pt=4.5,
                fill=GRAY)  # fmt: skip
    sheet.lines(0.3, height - 0.75, ["The security features listed below, as well as those not",
                "listed, exceed industry guidelines.", "Microprint lines · Security screen"],
                pt=5, fill=GRAY)  # fmt: skip
    if endorsed_by:
        label = Sheet(1.4, 0.85, dpi)
        label.lines(0.03, 0.2, ["FOR DEPOSIT ONLY", endorsed_by.upper()[:28], f"ACCT {account}"],
                    face=BOLD, pt=6.2, fill=(60, 40, 130))  # fmt: skip
        ink = np.asarray(label.image.convert("L"))
        sheet.stamp(ink, edge + 0.07, 0.36 + rng.uniform(0, 0.08))
    return sheet
