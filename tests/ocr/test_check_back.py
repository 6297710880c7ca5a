"""Backs of checks: told from fronts, endorsed or not, where, and how."""

from __future__ import annotations

import random

import numpy as np
import pytest

from intake.types import Page
from ocr.check_back import back_evidence
from web.demo.check_art import draw_back, signature
from web.demo.fonts import SANS
from web.demo.pieces import checks
from web.demo.sheet import Sheet

DPI = 200


def back(endorsed_by: str = "", *, signed: bool = False, bank: bool = False) -> Page:
    sheet = draw_back(6.0, 2.75, DPI, random.Random(3), endorsed_by, "1234567890")
    if signed:
        signature(sheet, random.Random(4), 4.55, 0.55, "Rosa Alvarez", (30, 40, 120), 1.3)
    if bank:
        stamp = Sheet(2.3, 0.6, DPI)
        stamp.lines(0.05, 0.15, ["PAY ANY BANK P.E.G.", "042000013", "FIRST NATIONAL"], face=SANS,
                    pt=8)  # fmt: skip
        sheet.stamp(np.asarray(stamp.image.convert("L")), 1.6, 0.5)
    return Page(0, sheet.pixels(), float(DPI))


def test_a_bare_back_is_a_back_without_an_endorsement() -> None:
    seen = back_evidence(back())
    assert seen.back >= 0.9
    assert seen.endorsed is False
    assert seen.box is None


def test_a_deposit_stamp_endorses_and_restricts_and_has_a_place() -> None:
    seen = back_evidence(back("Lakeshore Family Dental"))
    assert (seen.endorsed, seen.restrictive, seen.bank_stamp) == (True, True, False)
    assert seen.box is not None
    x, y, width, height = seen.box
    assert x > 0.7 * 6.0 * DPI
    assert x + width <= 6.0 * DPI
    assert 0 <= y < y + height <= 2.0 * DPI


def test_a_signature_endorses_without_restricting() -> None:
    seen = back_evidence(back(signed=True))
    assert (seen.endorsed, seen.restrictive) == (True, False)
    assert seen.box is not None
    assert seen.box[0] > 4.0 * DPI


def test_a_banks_own_stamp_is_not_the_payees_endorsement() -> None:
    seen = back_evidence(back(bank=True))
    assert (seen.endorsed, seen.bank_stamp) == (False, True)


@pytest.mark.parametrize("turns", [1, 2])
def test_a_turned_back_has_its_stamp_where_it_lies(turns: int) -> None:
    page = back("Lakeshore Family Dental")
    turned = Page(0, np.ascontiguousarray(np.rot90(page.pixels, turns)), page.dpi)
    seen = back_evidence(turned)
    assert seen.endorsed
    assert seen.box is not None
    x, y, width, height = seen.box
    shape = turned.pixels.shape
    assert 0 <= x < x + width <= shape[1] + 2
    assert 0 <= y < y + height <= shape[0] + 2


def test_no_front_is_taken_for_a_back() -> None:
    for piece in checks(77, 3):
        picture = piece.pages[0]
        assert back_evidence(Page(0, picture.pixels, float(picture.dpi))).back < 0.6
