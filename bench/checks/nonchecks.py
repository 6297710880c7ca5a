"""Pages that are no checks but may look like one: forms, letters, envelopes, backs, desks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from bench.checks.captures import CAPTURES, Capture, drawn_dpi, take
from bench.checks.hands import TUNE_FACES, random_hand, write
from intake.types import Page, Pixels
from ocr.types import Kind
from web.demo.check_art import draw_back, paper
from web.demo.codes import aba_number, dollars
from web.demo.coupon_art import CouponFacts, draw_coupon
from web.demo.envelope_art import draw_envelope
from web.demo.fonts import BOLD, HANDS, MONO, SANS, SERIF
from web.demo.group import AS_OF
from web.demo.letter_art import LetterFacts, draw_letter
from web.demo.micr_print import MicrLine, print_line
from web.demo.names import FIRST, LAST
from web.demo.pieces import demo_group, fitting_insurers, owing, returned_facts
from web.demo.remit_art import remittance_pdf, render_pdf
from web.demo.remit_facts import make_remittance
from web.demo.sheet import GRAY, Sheet
from web.demo.symbols import ocr_a


@dataclass(frozen=True, slots=True)
class NonCheck:
    """A page that is no check: what it is, and the kinds a reader may call it."""

    page: Page
    name: str
    kinds: tuple[Kind, ...]
    capture: Capture


def _routing(rng: random.Random) -> str:
    """Nine digits that would pass for a routing number."""
    prefix = rng.choice((*range(1, 13), *range(21, 33)))
    return aba_number(f"{prefix:02d}{rng.randrange(10**6):06d}")


def _recent(rng: random.Random) -> date:
    return AS_OF - timedelta(days=rng.randint(2, 30))


def eob(dpi: int, rng: random.Random) -> Sheet:
    """A page of an insurer's explanation of benefits."""
    group = demo_group()
    office = rng.choice(group.offices)
    insurer = rng.choice(fitting_insurers(group, office))
    sheets = render_pdf(remittance_pdf((make_remittance(group, insurer, office, rng),)), dpi)
    return rng.choice(sheets)


def letter(dpi: int, rng: random.Random) -> Sheet:
    """A patient's letter, typed or handwritten."""
    account, statement, office = owing(demo_group(), rng)
    hand = rng.choice(HANDS) if rng.random() < 0.4 else None
    facts = LetterFacts(account, office, rng.choice(("dispute", "records", "plan")),
                        statement.statement_number, dollars(statement.balance_cents),
                        f"{_recent(rng):%B %d, %Y}", hand)  # fmt: skip
    return draw_letter(facts, dpi, rng)


def envelope(dpi: int, rng: random.Random) -> Sheet:
    """A returned envelope."""
    group = demo_group()
    account, statement, _ = owing(group, rng)
    mark = rng.choice(("label", "stamp", "hand"))
    return draw_envelope(returned_facts(group, rng, account, statement, mark), dpi, rng)


def coupon(dpi: int, rng: random.Random) -> Sheet:
    """A statement's coupon, with its scanline in OCR-A."""
    account, statement, office = owing(demo_group(), rng)
    facts = CouponFacts(account, statement, office, rng.choice(HANDS), statement.balance_cents)
    return draw_coupon(facts, dpi, rng)


def check_back(dpi: int, rng: random.Random) -> Sheet:
    """The reverse of a check, with the bank's spray of digits or none."""
    size = rng.choice(((6.0, 2.75), (8.5, 3.5), (7.5, 3.0)))
    by = rng.choice(("Lakeview Dental Group", ""))
    sheet = draw_back(*size, dpi, rng, by, "1234567890")
    if rng.random() < 0.4:
        sheet.text(0.5, 0.7, f">{_routing(rng)}<", face=MONO, pt=9)
        sheet.text(0.5, 0.9, f"{AS_OF:%m/%d/%Y} {rng.randrange(10**9)}", face=MONO, pt=8)
    return sheet


def deposit_slip(dpi: int, rng: random.Random) -> Sheet:
    """A deposit slip from a checkbook or a bank's counter; most have a MICR line below."""
    sheet = paper(7.0, 3.25, dpi, (238, 244, 250), "waves", 3)
    sheet.text(0.4, 0.45, "DEPOSIT SLIP", face=BOLD, pt=14)
    sheet.text(0.4, 0.7, "Riverside Federal", pt=8)
    hand = random_hand(rng, rng.choice(TUNE_FACES))
    sheet.text(0.4, 1.1, "NAME", pt=6)
    write(sheet, rng, hand, 0.9, 1.1, "Lakeview Dental Group", fit=2.6)
    sheet.text(0.4, 1.5, "DATE", pt=6)
    write(sheet, rng, hand, 0.9, 1.5, f"{AS_OF.month}/{AS_OF.day}/26", fit=1.5)
    sheet.text(0.4, 1.9, "ACCOUNT NUMBER", pt=6)
    for place in range(9):
        sheet.box(1.4 + place * 0.22, 1.75, 0.2, 0.22, pt=0.5)
        sheet.text(1.45 + place * 0.22, 1.92, rng.choice("0123456789"), face=MONO, pt=11)
    total = 0
    for row, name in enumerate(("CASH", "CHECKS", "", "", "LESS CASH", "TOTAL DEPOSIT")):
        y = 0.5 + row * 0.4
        sheet.text(4.2, y, name, pt=6.5)
        sheet.box(5.2, y - 0.22, 1.4, 0.3, pt=0.5)
        cents = rng.randrange(100, 90_000)
        total += cents
        if name != "LESS CASH":
            said = dollars(total if row == 5 else cents, comma=False)
            write(sheet, rng, hand, 5.3, y, said, fit=1.2)
    if rng.random() < 0.75:
        account, serial = str(rng.randrange(10**7, 10**10)), str(rng.randrange(1, 9999))
        print_line(sheet, MicrLine(_routing(rng), account, serial, "no_serial"))
    return sheet


def form(dpi: int, rng: random.Random) -> Sheet:
    """A direct-deposit form: it names a routing number and shows where checks have theirs."""
    sheet = Sheet(8.5, 11, dpi)
    sheet.text(4.25, 0.9, "DIRECT DEPOSIT AUTHORIZATION", face=BOLD, pt=15, anchor="m")
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    face = rng.choice((SANS, SERIF, MONO))
    rows = (
        f"Name: {name}", f"Bank: {rng.choice(('First Prairie Bank', 'Union Trust Company'))}",
        f"Routing number (nine digits): {_routing(rng)}",
        f"Account number: {rng.randrange(10**9, 10**10)}", "Type:  [x] checking  [ ] savings",
        "Attach a voided check. The routing number is at the lower left of your check,",
        f"between the symbols |: {_routing(rng)} |: followed by the account number ||'.",
        "I authorize the company to pay to the order of my account the amounts due in dollars.",
    )  # fmt: skip
    sheet.lines(0.9, 1.6, rows, face=face, pt=10.5, leading=2.0)
    sheet.rule(0.9, 6.2, 4.5, 6.2)
    sheet.text(0.9, 6.36, "Signature", pt=7)
    write(sheet, rng, random_hand(rng, rng.choice(TUNE_FACES)), 1.1, 6.15, name, size=1.3, fit=3.0)
    sheet.text(0.9, 10.2, f"A{_routing(rng)}A {rng.randrange(10**9)}C 1001", face=MONO, pt=12)
    return sheet


def receipt(dpi: int, rng: random.Random) -> Sheet:
    """A page of a check's size and words, with a number below in a typeface that is no E-13B."""
    sheet = paper(6.0, 2.75, dpi, (240, 240, 232), "plain", 2)
    sheet.box(0.08, 0.08, 5.84, 2.59, pt=0.6)
    sheet.text(0.3, 0.35, rng.choice(("GIFT CERTIFICATE", "THIS IS NOT A CHECK", "REBATE VOUCHER",
                                      "RECEIPT")), face=BOLD, pt=12)  # fmt: skip
    cents = rng.randrange(500, 90_000)
    sheet.text(0.3, 0.9, "Pay to the order of", pt=8)
    sheet.text(1.6, 0.9, f"{rng.choice(FIRST)} {rng.choice(LAST)}", face=SERIF, pt=10)
    sheet.text(5.6, 0.9, f"${dollars(cents)}", face=BOLD, pt=12, anchor="r")
    sheet.text(0.3, 1.3, f"Valued at {dollars(cents)} dollars. No cash value. Void where so held.",
               pt=7)  # fmt: skip
    line = f"{_routing(rng)} {rng.randrange(10**8, 10**10)} {rng.randrange(1000, 9999)}"
    if rng.random() < 0.5:
        ocr_a(sheet, 0.5, 2.45, line)
    else:
        sheet.text(0.5, 2.45, line, face=rng.choice((MONO, SANS, BOLD)), pt=rng.uniform(11, 15))
    return sheet


def desk(dpi: int, rng: random.Random) -> Sheet:
    """A desk seen from above: a telephone, pens, cards and notes, nine-digit numbers on them."""
    sheet = Sheet(9.0, 6.0, dpi, rng.choice(((120, 92, 66), (96, 96, 100), (200, 196, 188))))
    for _ in range(rng.randint(1, 2)):
        card = Sheet(rng.uniform(3.0, 4.5), rng.uniform(1.8, 2.6), dpi, (250, 250, 246))
        rows = [f"{rng.choice(FIRST)} {rng.choice(LAST)}", "Account manager",
                f"Phone 937-555-{rng.randrange(10**4):04d}", f"Routing {_routing(rng)}",
                f"{_routing(rng)}  {rng.randrange(10**8, 10**10)}"]  # fmt: skip
        card.lines(0.2, 0.35, rows, face=rng.choice((SANS, SERIF, MONO)), pt=11, leading=1.6)
        sheet.overlay(card, rng.uniform(0.3, 4.0), rng.uniform(0.3, 3.0), rng.uniform(-14, 14))
    hand = random_hand(rng, rng.choice(TUNE_FACES))
    note = Sheet(3.0, 2.2, dpi, (252, 240, 150))
    for row, text in enumerate(("call bank", _routing(rng), f"${dollars(rng.randrange(9999))}")):
        write(note, rng, hand, 0.3, 0.6 + 0.55 * row, text, size=1.6, fit=2.4)
    sheet.overlay(note, rng.uniform(4.5, 5.6), rng.uniform(0.2, 3.2), rng.uniform(-10, 10))
    x, y = rng.uniform(0.3, 6.5), rng.uniform(2.6, 3.2)
    corners = [sheet.px(x), sheet.px(y), sheet.px(x + 1.4), sheet.px(y + 2.7)]
    sheet.draw.rounded_rectangle(corners, sheet.px(0.15), (20, 20, 24), GRAY, 3)
    sheet.text(x + 0.2, y + 0.6, f"{rng.randint(1, 12)}:{rng.randrange(60):02d}", face=BOLD, pt=22,
               fill=(230, 230, 235))  # fmt: skip
    for _ in range(rng.randint(1, 3)):
        x, y = rng.uniform(0.5, 7.5), rng.uniform(0.5, 5.0)
        end = (x + rng.uniform(-1, 1), y + rng.uniform(0.6, 1.2))
        sheet.scribble([(x, y), ((x + end[0]) / 2, (y + end[1]) / 2), end], 9, (30, 50, 120))
    return sheet


_Draw = Callable[[int, random.Random], Sheet]
_PAGES: dict[str, tuple[_Draw, tuple[Kind, ...], float]] = {
    "eob": (eob, ("remittance",), 3.0),
    "letter": (letter, ("correspondence",), 2.0),
    "envelope": (envelope, ("returned_mail", "envelope"), 2.0),
    "coupon": (coupon, ("coupon",), 2.0),
    "check_back": (check_back, ("check_back",), 2.0),
    "deposit_slip": (deposit_slip, ("deposit_slip",), 1.0),
    "form": (form, ("correspondence", "unknown"), 2.0),
    "receipt": (receipt, ("correspondence", "unknown", "coupon"), 2.0),
    "desk": (desk, ("unknown", "correspondence"), 2.0),
}


def non_checks(seed: int, count: int, *, start: int = 0) -> Iterator[NonCheck]:
    """``count`` pages from index ``start`` on; the same seed and index give the same pixels."""
    names, weights = tuple(_PAGES), tuple(page[2] for page in _PAGES.values())
    for index in range(start, start + count):
        rng = random.Random(f"non checks:{seed}:{index}")
        name = rng.choices(names, weights=weights)[0]
        draw, kinds, _ = _PAGES[name]
        capture: Capture = "photo" if name == "desk" else rng.choice(CAPTURES)
        shot = take(draw(drawn_dpi(capture), rng), capture, rng)
        pixels = _close_up(shot.pixels) if name == "desk" else shot.pixels
        yield NonCheck(Page(0, pixels, shot.dpi), name, kinds, capture)


def _close_up(pixels: Pixels) -> Pixels:
    """The middle of a picture: a photo that shows nothing but the desk."""
    rows, cols = (round(0.18 * side) for side in pixels.shape[:2])
    return np.ascontiguousarray(pixels[rows:-rows, cols:-cols])
