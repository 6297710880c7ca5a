"""Checks that machines fill in: cashier's, treasury, postal, insurance with stub, and others."""

from __future__ import annotations

import random

from bench.checks.filled import Drawn
from bench.checks.forms import blank_paper
from bench.checks.wording import printed_numerals, printed_words
from web.demo.check_art import draw_bill_pay, draw_business, draw_money_order, signature
from web.demo.check_facts import CheckFacts
from web.demo.codes import dollars
from web.demo.fonts import BOLD, MONO, SANS, SERIF
from web.demo.micr_print import print_line
from web.demo.sheet import BLACK, GRAY, Sheet

Rect = tuple[float, float, float, float]


def business(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """The demo's laser-printed insurer's check."""
    return _demo(draw_business(facts, dpi, rng), (6.3, 1.15, 8.15, 1.43), (0.75, 1.02, 8.1, 1.24))


def bill_pay(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """The demo's check of an online payment service."""
    return _demo(draw_bill_pay(facts, dpi, rng), (5.5, 1.24, 7.1, 1.51), (0.3, 0.96, 7.1, 1.15))


def money_order(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """The demo's bank money order: printed amount, purchaser's handwriting."""
    return _demo(draw_money_order(facts, dpi, rng), (5.2, 0.86, 6.65, 1.13), (0.3, 1.24, 6.6, 1.43))


def _demo(sheet: Sheet, numerals: Rect, words: Rect) -> Drawn:
    return Drawn(sheet, (0.0, 0.0, sheet.width, sheet.height),
                 {"numerals": numerals, "words": words})  # fmt: skip


def _numerals(drawn: Drawn, rng: random.Random, facts: CheckFacts, right: float, y: float,
              face: str = MONO, pt: float = 11) -> None:  # fmt: skip
    """Print the numerals to end at ``right``."""
    text = printed_numerals(rng, facts.cents)
    width = drawn.sheet.text(right, y, text, face=face, pt=pt, anchor="r")
    drawn.places["numerals"] = (right - width - 0.05, y - pt / 72 - 0.03, right + 0.05, y + 0.06)


def _words(drawn: Drawn, rng: random.Random, facts: CheckFacts, x: float, y: float, room: float,
           face: str = MONO, pt: float = 9) -> None:  # fmt: skip
    """Print the words from ``x``, smaller when they need more than ``room``."""
    text = printed_words(rng, facts.words_cents)
    text = rng.choice(("", "", "***", "EXACTLY ")) + text
    wide = Sheet(1, 1, drawn.sheet.dpi).text(0, 0, text, face=face, pt=pt)
    pt *= min(1.0, room / wide)
    drawn.sheet.text(x, y, text, face=face, pt=pt)
    drawn.places["words"] = (x - 0.05, y - pt / 72 - 0.03, x + min(room, wide) + 0.05, y + 0.06)


def cashier(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """A bank's own check: remitter named, amount protected, two signatures."""
    sheet = blank_paper(8.0, 3.25, dpi, (250, 238, 214), "guilloche", 12)
    drawn = Drawn(sheet, (0.0, 0.0, 8.0, 3.25))
    sheet.text(0.4, 0.4, facts.payer.bank_name, face=BOLD, pt=12, fill=(110, 60, 20))
    sheet.text(0.4, 0.54, facts.payer.bank_town, pt=7)
    sheet.text(4.0, 0.4, "CASHIER'S CHECK", face=SERIF, pt=13, anchor="m", fill=(110, 60, 20))
    sheet.text(7.6, 0.38, f"No. {facts.serial}", face=MONO, pt=11, anchor="r")
    sheet.text(6.1, 0.72, f"Date  {facts.written_on:%B %d, %Y}", face=SANS, pt=8)
    sheet.text(0.4, 0.98, "REMITTER", pt=6)
    sheet.text(1.1, 0.98, facts.payer.name.upper(), face=MONO, pt=9)
    sheet.lines(0.4, 1.22, ["PAY TO THE", "ORDER OF"], pt=6)
    sheet.text(1.1, 1.3, facts.payee.upper(), face=MONO, pt=10)
    sheet.rule(1.05, 1.34, 5.6, 1.34, 0.4)
    _numerals(drawn, rng, facts, 7.5, 1.3)
    _words(drawn, rng, facts, 0.4, 1.68, 7.1)
    sheet.text(0.4, 2.06, "DRAWER: " + facts.payer.bank_name.upper(), pt=6.5)
    sheet.rule(4.8, 2.3, 7.6, 2.3)
    sheet.text(6.2, 2.42, "AUTHORIZED SIGNATURE", pt=5.5, anchor="m")
    if facts.signed:
        signature(sheet, rng, 5.0, 2.27, "P. Delacroix", BLACK, 2.0)
    sheet.text(
        0.4, 2.42, "Details on back. Void after 90 days if issued in error.", pt=5, fill=GRAY
    )
    print_line(sheet, facts.micr, gain=rng.uniform(-0.15, 0.2))
    return drawn


def treasury(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """A government check: check number and symbol above, the figures at the right."""
    sheet = blank_paper(7.375, 3.25, dpi, (226, 238, 226), "marble", 21)
    drawn = Drawn(sheet, (0.0, 0.0, 7.375, 3.25))
    sheet.text(0.4, 0.42, "United States Treasury", face=SERIF, pt=15, fill=(40, 70, 50))
    sheet.text(5.3, 0.36, "Check No.", pt=6)
    sheet.text(5.3, 0.52, facts.serial, face=MONO, pt=10)
    sheet.text(4.9, 0.82, f"{facts.written_on:%m/%d/%y}", face=MONO, pt=10)
    sheet.text(3.2, 0.82, "KANSAS CITY, MO", face=MONO, pt=8)
    sheet.text(0.4, 1.2, "Pay to", face=SERIF, pt=8)
    sheet.text(0.4, 1.33, "the order of", face=SERIF, pt=8)
    sheet.text(1.25, 1.32, facts.payee.upper(), face=MONO, pt=10)
    sheet.text(6.15, 1.02, "$****", face=MONO, pt=8)
    text = f"$****{dollars(facts.cents)}"
    width = sheet.text(7.0, 1.32, text, face=MONO, pt=11, anchor="r")
    drawn.places["numerals"] = (6.95 - width, 1.13, 7.05, 1.38)
    _words(drawn, rng, facts, 0.4, 1.75, 6.4)
    sheet.text(0.4, 2.1, "VOID AFTER ONE YEAR", pt=6)
    sheet.text(4.6, 2.4, "REGIONAL DISBURSING OFFICER", pt=5.5)
    if facts.signed:
        signature(sheet, rng, 4.7, 2.24, "Vona S. Robinson", BLACK, 1.9)
    print_line(sheet, facts.micr, gain=rng.uniform(-0.15, 0.2))
    return drawn


def postal_money_order(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """A post office money order: serial, date, office and amount in one printed row."""
    sheet = blank_paper(7.75, 3.25, dpi, (222, 238, 226), "guilloche", 31)
    drawn = Drawn(sheet, (0.0, 0.0, 7.75, 3.25))
    sheet.text(0.35, 0.38, "UNITED STATES", face=BOLD, pt=10, fill=(30, 80, 70))
    sheet.text(0.35, 0.55, "POSTAL SERVICE", face=BOLD, pt=10, fill=(30, 80, 70))
    sheet.text(4.2, 0.45, "POSTAL MONEY ORDER", face=BOLD, pt=13, anchor="m", fill=(30, 80, 70))
    for x, name in ((0.35, "Serial Number"), (2.3, "Year, Month, Day"), (4.0, "Post Office"),
                    (5.4, "U.S. Dollars and Cents")):  # fmt: skip
        sheet.text(x, 0.78, name, pt=5.5)
    sheet.text(0.35, 0.98, facts.serial, face=MONO, pt=11)
    sheet.text(2.3, 0.98, f"{facts.written_on:%Y-%m-%d}", face=MONO, pt=11)
    sheet.text(4.0, 0.98, f"{int(facts.payer.account[:6]) + 100000:06d}"[:6], face=MONO, pt=11)
    text = f"${dollars(facts.cents)}"
    width = sheet.text(7.3, 0.98, text, face=MONO, pt=12, anchor="r")
    drawn.places["numerals"] = (7.25 - width, 0.8, 7.35, 1.04)
    whole, part = divmod(facts.words_cents, 100)
    row = f"{printed_words(rng, whole * 100).split(' AND')[0].split(' and')[0]}"
    row = row.upper().removesuffix(" DOLLARS") + f" DOLLARS & {part:02d}/100"
    sheet.text(0.95, 1.25, row, face=MONO, pt=9)
    sheet.text(0.35, 1.25, "Amount", pt=6)
    drawn.places["words"] = (0.9, 1.1, 7.0, 1.31)
    hand, ink = facts.payer.hand, facts.payer.ink
    for y, label, text in ((1.55, "Pay to", facts.payee), (1.95, "From", facts.payer.name)):
        sheet.text(0.35, y, label, pt=6.5)
        sheet.rule(0.85, y + 0.03, 3.9, y + 0.03, 0.4)
        sheet.hand(rng, 0.95, y, text, face=hand, ink=ink, digit=0.11, fit=2.8)
    sheet.text(0.35, 2.25, "Address", pt=6.5)
    sheet.hand(rng, 0.95, 2.25, ", ".join(facts.payer.address), face=hand, ink=ink, digit=0.085,
               fit=2.9)  # fmt: skip
    sheet.text(4.2, 1.55, "Memo", pt=6.5)
    sheet.rule(4.6, 1.58, 7.3, 1.58, 0.4)
    if facts.memo:
        sheet.hand(rng, 4.7, 1.55, facts.memo, face=hand, ink=ink, digit=0.1, fit=2.4)
    sheet.text(4.2, 2.4, "NEGOTIABLE ONLY IN THE U.S. AND POSSESSIONS", pt=5)
    print_line(sheet, facts.micr, gain=rng.uniform(-0.15, 0.2))
    return drawn


def insurance_stub(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """A letter page of an insurer: the check in its upper or lower third, the stub elsewhere."""
    check = Sheet(8.5, 3.5, dpi, (236, 242, 248))
    drawn = Drawn(check, (0.0, 0.0, 8.5, 3.5))
    check.text(0.45, 0.4, facts.payer.name, face=BOLD, pt=11)
    check.lines(0.45, 0.55, list(facts.payer.address), pt=7.5)
    check.text(5.1, 0.4, facts.payer.bank_name, pt=7.5)
    check.text(8.0, 0.4, facts.serial, face=BOLD, pt=11, anchor="r")
    for x, label in ((4.6, "ISSUE DATE"), (5.9, "CHECK NUMBER"), (7.1, "CHECK AMOUNT")):
        check.text(x, 0.9, label, pt=6)
    check.text(4.6, 1.08, f"{facts.written_on:%m/%d/%Y}", face=SANS, pt=9)
    check.text(5.9, 1.08, facts.serial, face=SANS, pt=9)
    _numerals(drawn, rng, facts, 8.0, 1.08, SANS, 10)
    check.text(0.45, 1.38, "Pay", pt=8)
    _words(drawn, rng, facts, 0.85, 1.38, 7.1, SANS, 9)
    check.lines(0.45, 1.7, ["To the", "order of"], pt=7)
    check.lines(1.1, 1.74, [facts.payee.upper(), "PO BOX 4410"], face=MONO, pt=9.5)
    check.rule(5.2, 2.6, 8.0, 2.6)
    check.text(6.6, 2.72, "Authorized signature", pt=6, anchor="m")
    if facts.signed:
        signature(check, rng, 5.5, 2.56, "R. T. Halvorsen", BLACK)
    print_line(check, facts.micr, gain=rng.uniform(-0.15, 0.2))
    page = Sheet(8.5, 11, dpi)
    top = 0.0 if rng.random() < 0.5 else 7.5
    page.image.paste(check.image, (0, page.px(top)))
    _stub(page, facts, rng, 4.0 if top == 0 else 0.6)
    drawn.places = {name: (x0, y0 + top, x1, y1 + top)
                    for name, (x0, y0, x1, y1) in drawn.places.items()}  # fmt: skip
    drawn.manner["place"] = "top" if top == 0 else "bottom"
    drawn.sheet, drawn.check = page, (0.0, top, 8.5, top + 3.5)
    return drawn


def _stub(page: Sheet, facts: CheckFacts, rng: random.Random, y: float) -> None:
    """What the check pays: a few claims that sum up to it."""
    page.text(0.6, y, facts.payer.name, face=BOLD, pt=10)
    page.text(0.6, y + 0.3, "EXPLANATION OF PAYMENT", face=BOLD, pt=10)
    page.text(5.2, y + 0.3, f"Check {facts.serial}   {facts.written_on:%m/%d/%Y}", pt=8.5)
    heads = ((0.6, "Patient"), (2.8, "Claim"), (4.4, "Service"), (6.6, "Billed"), (7.9, "Paid"))
    y += 0.7
    for x, name in heads:
        page.text(x, y, name, face=BOLD, pt=8, anchor="r" if x > 6 else "l")
    left = facts.cents
    count = rng.randint(2, 5)
    for row in range(count):
        y += 0.22
        paid = left if row == count - 1 else rng.randint(0, left)
        left -= paid
        page.text(0.6, y, rng.choice(("SMITH J", "LEE ANNA", "ORTIZ M", "YODER P")), pt=8)
        page.text(2.8, y, f"C{rng.randrange(10**8, 10**9)}", face=MONO, pt=8)
        page.text(4.4, y, f"{facts.written_on:%m/%d/%Y}", pt=8)
        page.text(6.6, y, dollars(paid + rng.randint(0, 9000)), pt=8, anchor="r")
        page.text(7.9, y, dollars(paid), pt=8, anchor="r")
    page.text(6.6, y + 0.3, "Total paid", face=BOLD, pt=8.5, anchor="r")
    page.text(7.9, y + 0.3, f"${dollars(facts.cents)}", face=BOLD, pt=8.5, anchor="r")


def business_table(facts: CheckFacts, dpi: int, rng: random.Random) -> Drawn:
    """Held out: bank at the left, a row of date, number and amount, payee in a window below."""
    sheet = blank_paper(8.5, 3.67, dpi, (244, 236, 244), "waves", 41)
    drawn = Drawn(sheet, (0.0, 0.0, 8.5, 3.67))
    sheet.text(0.5, 0.45, facts.payer.bank_name, face=SERIF, pt=9)
    sheet.text(4.25, 0.45, facts.payer.name, face=SERIF, pt=11, anchor="m")
    sheet.lines(3.4, 0.6, list(facts.payer.address), face=SERIF, pt=7)
    for x, name, text in ((4.9, "Date", f"{facts.written_on:%b %d, %Y}"),
                          (6.1, "Check no.", facts.serial)):  # fmt: skip
        sheet.box(x, 0.85, 1.1, 0.38, pt=0.4, outline=GRAY)
        sheet.text(x + 0.05, 0.95, name, face=SERIF, pt=5.5)
        sheet.text(x + 0.08, 1.16, text, face=SERIF, pt=8.5)
    sheet.box(7.25, 0.85, 1.05, 0.38, pt=0.4, outline=GRAY)
    sheet.text(7.3, 0.95, "Pay exactly", face=SERIF, pt=5.5)
    _numerals(drawn, rng, facts, 8.24, 1.17, SERIF, 8.5)
    _words(drawn, rng, facts, 0.5, 1.55, 7.4, SERIF, 8.5)
    sheet.text(0.5, 1.85, "Pay to the order of:", face=SERIF, pt=7)
    sheet.lines(0.9, 2.05, [facts.payee, "Accounts Receivable", "PO Box 4410"], face=SERIF, pt=9)
    sheet.rule(5.4, 2.7, 8.2, 2.7)
    if facts.signed:
        signature(sheet, rng, 5.7, 2.66, "A. Nakamura", BLACK)
    print_line(sheet, facts.micr, gain=rng.uniform(-0.15, 0.2))
    return drawn


PRINTED = {
    "business": business, "bill_pay": bill_pay, "money_order": money_order, "cashier": cashier,
    "treasury": treasury, "postal_money_order": postal_money_order,
    "insurance_stub": insurance_stub, "business_table": business_table,
}  # fmt: skip
HELD_OUT = {"business_table"}
