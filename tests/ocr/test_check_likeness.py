"""A MICR line alone makes no page a check: what is printed above it decides how sure that is."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from bench.checks import nonchecks
from bench.checks.captures import take
from bench.checks.cases import cases
from intake.types import Page
from ocr.check_likeness import unlike_check
from ocr.read import read_pages
from ocr.types import Reading
from web.demo.fonts import BOLD
from web.demo.micr_print import MicrLine, print_line
from web.demo.sheet import Sheet

LINE = MicrLine("021000021", "9193120163", "1041", "no_serial")


def slip(rng: random.Random) -> Sheet:
    sheet = nonchecks.deposit_slip(200, rng)
    sheet.draw.rectangle([0, sheet.px(2.85), sheet.px(7), sheet.px(3.25)], fill=(238, 244, 250))
    print_line(sheet, LINE)
    return sheet


def certificate(rng: random.Random) -> Sheet:
    sheet = nonchecks.receipt(200, rng)
    sheet.draw.rectangle([0, sheet.px(2.25), sheet.px(6), sheet.px(2.75)], fill=(240, 240, 232))
    print_line(sheet, LINE)
    return sheet


def form(rng: random.Random) -> Sheet:
    sheet = nonchecks.form(200, rng)
    print_line(sheet, LINE)
    return sheet


def loan_coupon(rng: random.Random) -> Sheet:
    del rng
    sheet = Sheet(8.5, 3.5, 200)
    sheet.text(0.4, 0.4, "AUTO LOAN PAYMENT COUPON", face=BOLD, pt=13)
    sheet.text(5.0, 0.8, "AMOUNT DUE  $412.33", face=BOLD, pt=11)
    sheet.text(0.4, 2.0, "MAKE CHECKS PAYABLE TO: RIVERSIDE FINANCE", pt=8)
    print_line(sheet, LINE)
    return sheet


def line_alone(rng: random.Random) -> Sheet:
    del rng
    sheet = Sheet(8.5, 3.5, 200)
    print_line(sheet, LINE)
    return sheet


def read(draw: Callable[[random.Random], Sheet], seed: int) -> Reading:
    rng = random.Random(seed)
    shot = take(draw(rng), "gray_200" if seed % 2 else "g4_200", rng)
    (reading,) = read_pages([Page(0, shot.pixels, shot.dpi)], single_envelope=True)
    return reading


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("draw", [slip, certificate, form, loan_coupon, line_alone])
def test_no_page_is_a_sure_check_by_its_line_alone(
    draw: Callable[[random.Random], Sheet], seed: int
) -> None:
    reading = read(draw, seed)
    assert reading.confidence < 0.9
    assert [w.code for w in reading.warnings if w.code == "not_a_check"]
    assert all(f is None or f.confidence < 0.9 for f in reading.fields.values())


@pytest.mark.parametrize(("draw", "kind"), [(slip, "deposit_slip"), (loan_coupon, "coupon")])
def test_slips_and_coupons_are_read_as_what_they_are(
    draw: Callable[[random.Random], Sheet], kind: str
) -> None:
    assert read(draw, 1).kind == kind


def test_checks_stay_sure() -> None:
    for case in cases(77, 2):
        (reading,) = read_pages([case.page], single_envelope=True)
        assert reading.kind == "check"
        assert not {"not_a_check", "void", "foreign_currency"} & {w.code for w in reading.warnings}


@pytest.mark.parametrize(
    "rows",
    [
        ["PAY TO THE", "ORDER OF", "DOLLARS"],
        ["DATE"],
        ["Riverside Federal Bank", "FOR DEPOSIT ONLY"],
        ["Total $ 120.00", "First deposit", "MEMO"],
    ],
)
def test_the_print_of_checks_speaks_for_one(rows: list[str]) -> None:
    assert unlike_check(rows, amount_seen=False) is None


def test_an_amount_that_was_read_stands_for_its_label() -> None:
    assert unlike_check(["Jane Doe"], amount_seen=True) is None
    assert unlike_check(["Jane Doe"], amount_seen=False) is not None
