"""The front of a statement's envelope: return address, permit, window or printed address, bars."""

from __future__ import annotations

import random

import numpy as np

from bench.envelopes.facts import Facts
from web.demo.codes import coupon_payload, coupon_scanline
from web.demo.fonts import BOLD, MONO, SANS, SERIF
from web.demo.sheet import Color, Sheet
from web.demo.symbols import code128, imb, ocr_a, qr

_PAPERS: tuple[Color, ...] = ((252, 252, 250), (246, 244, 238), (236, 232, 220))


def front(facts: Facts, dpi: int, rng: random.Random) -> Sheet:
    """A number 10 envelope, 9.5 x 4.125 inches, before the post office marked it."""
    held = facts.design == "held_out"
    sheet = Sheet(9.5, 4.125, dpi, rng.choice(_PAPERS))
    rows = list(facts.office.return_address)
    if facts.statement is None:
        rows = ["MIDWEST GAS AND LIGHT", "PO BOX 77120", "CHICAGO IL 60677"]
    sheet.lines(0.45, 0.42, rows, face=SERIF if held else BOLD, pt=rng.choice((8, 9)))
    sheet.text(0.45, 1.0, rng.choice(("RETURN SERVICE REQUESTED", "ADDRESS SERVICE REQUESTED")),
               pt=8)  # fmt: skip
    _permit(sheet, held=held)
    _address(sheet, facts, rng)
    return sheet


def _permit(sheet: Sheet, *, held: bool) -> None:
    sheet.box(7.95, 0.25, 1.2, 0.85, pt=0.8)
    rows = ["PRESORTED", "FIRST-CLASS MAIL", "US POSTAGE", "PAID", "PERMIT NO 412"]
    if held:
        rows = ["FIRST-CLASS", "PRESORT", "U.S. POSTAGE PAID", "LANSING MI"]
    sheet.lines(8.55, 0.42, rows, pt=7.5, anchor="m")


def _address(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    held = facts.design == "held_out"
    face, pt = rng.choice(((SANS, 10), (BOLD, 9.5)) if held else ((MONO, 10.5), (SANS, 10)))
    left, top = 0.85, 1.75
    inner = Sheet(3.7, 1.4, sheet.dpi, (240, 242, 244) if facts.window else (250, 250, 248))
    x, y = 0.2 + rng.uniform(-0.05, 0.05), 0.6 + rng.uniform(-0.05, 0.05)
    if facts.window and facts.trouble == "name_cut":
        y = 0.1
    elif facts.window and facts.trouble == "town_cut":
        y = 1.16
    if facts.window and facts.trouble == "own_address":
        inner.lines(x, 0.12, list(facts.office.return_address), face=face, pt=pt - 1.5)
        y = 0.95 if facts.bars else 0.8
    if facts.bars and facts.statement is not None:
        imb(inner, x, y - 0.33 if y > 0.4 else 1.1, facts.statement.imb)
    inner.lines(x, y, [facts.name, *facts.address], face=face, pt=pt)
    if facts.window:
        sheet.draw.rounded_rectangle(
            [sheet.px(left), sheet.px(top), sheet.px(left + 3.7), sheet.px(top + 1.4)],
            radius=sheet.px(0.12), outline=(200, 202, 206), width=3,
        )  # fmt: skip
        sheet.overlay(inner, left + 0.02, top + 0.02)
    else:
        box = (sheet.px(left + 1.2), sheet.px(top))
        sheet.stamp(np.asarray(inner.image.convert("L")), box[0] / sheet.dpi, box[1] / sheet.dpi)
    if facts.coupon:
        _coupon(sheet, facts)


def _coupon(sheet: Sheet, facts: Facts) -> None:
    """The coupon's machine-readable rows, seen in a second window or where the paper is torn."""
    statement = facts.statement
    if statement is None:
        return
    numbers = (statement.account_number, statement.statement_number, statement.balance_cents)
    ocr_a(sheet, 0.9, 3.9, coupon_scanline(*numbers))
    if facts.index % 3 == 0:
        code128(sheet, 0.9, 3.36, coupon_payload(*numbers), 0.3, module=0.01)
    elif facts.index % 3 == 1:
        qr(sheet, 0.1, 3.1, coupon_payload(*numbers), 0.7)
