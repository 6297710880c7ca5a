"""Single pieces of mail with their truth, one after another, for benches and tests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from web.demo.check_art import (
    BUSINESS,
    PERSONAL,
    draw_back,
    draw_bill_pay,
    draw_business,
    draw_money_order,
    draw_personal,
)
from web.demo.check_facts import CheckFacts, Payer, personal_payer
from web.demo.codes import aba_number
from web.demo.coupon_art import CouponFacts, draw_coupon
from web.demo.envelope_art import (
    REASONS,
    EnvelopeFacts,
    draw_envelope,
    label_date,
    label_identity,
)
from web.demo.group import Account, Group, Office, Statement, make_group
from web.demo.group import Payer as Insurer
from web.demo.mail import Allocation, Kind, Mode, Picture, Piece
from web.demo.remit_art import remittance_pdf, render_pdf
from web.demo.remit_facts import Remittance, make_remittance
from web.demo.scanner import Look, photograph, random_look, scan
from web.demo.sheet import Sheet

DRAWERS = {
    "personal": draw_personal,
    "business": draw_business,
    "bill_pay": draw_bill_pay,
    "money_order": draw_money_order,
}
_SIZES = {"personal": PERSONAL, "business": BUSINESS, "bill_pay": (7.5, 3.0),
          "money_order": (7.0, 2.75)}  # fmt: skip


@lru_cache(maxsize=4)
def demo_group(seed: int = 7) -> Group:
    """The group of a seed, made once."""
    return make_group(seed)


def capture(sheet: Sheet, kind: Kind, look: Look | None, rng: random.Random) -> Picture:
    """Scan the sheet, or photograph it when there is no ``look``."""
    return photograph(sheet, kind, rng) if look is None else scan(sheet, kind, look, rng)


def check_piece(facts: CheckFacts, style: str, dpi: int, look: Look | None, rng: random.Random,
                back: Look | None = None, deposit_to: str = "") -> Piece:  # fmt: skip
    """A check as scanned; with ``back`` also its reverse, endorsed when ``deposit_to`` is given."""
    pages = [capture(DRAWERS[style](facts, dpi, rng), "check", look, rng)]
    truth = facts.truth()
    if back is not None:
        width, height = _SIZES[style]
        reverse = draw_back(width, height, dpi, rng, facts.payee if deposit_to else "", deposit_to)
        pages.append(capture(reverse, "check_back", back, rng))
        truth["endorsed"] = bool(deposit_to)
    return Piece("check", tuple(pages), truth)


def coupon_piece(facts: CouponFacts, dpi: int, look: Look | None, rng: random.Random) -> Piece:
    """A coupon as scanned."""
    picture = capture(draw_coupon(facts, dpi, rng), "coupon", look, rng)
    return Piece("coupon", (picture,), facts.truth(), (facts.statement.account_number,))


def guarantor_payer(account: Account) -> Payer:
    """How this account's guarantor pays: the same for all accounts of the guarantor."""
    key = f"{account.household}:{account.guarantor}"
    return personal_payer(account.guarantor, account.address, key)


def insurer_payer(insurer: Insurer, design: int = 0) -> Payer:
    """An insurance payer as drawer of business checks."""
    return Payer(
        insurer.name, (insurer.street, insurer.town), insurer.bank_name, "", insurer.routing_number,
        insurer.account_number, 4_000_000, "business", "kalam", (20, 20, 20), design,
    )  # fmt: skip


def bill_payer(account: Account) -> Payer:
    """The guarantor paying through an online bill payment service."""
    base = guarantor_payer(account)
    return replace(base, bank_name="Meridian Bill Payment Services", bank_town="Omaha, Nebraska",
                   routing=aba_number("10411027"), account="48270" + account.account_number[-5:],
                   layout="business", first_serial=20_000_000 + base.first_serial)  # fmt: skip


def owing(group: Group, rng: random.Random) -> tuple[Account, Statement, Office]:
    """Some account with an open statement, the oldest of them, and its office."""
    while True:
        account = rng.choice(group.accounts)
        statements = group.open_statements(account.account_number)
        if statements:
            return account, statements[0], group.office(account.office_code)


def some_look(rng: random.Random) -> tuple[int, Look | None]:
    """A resolution and look as they come: 200 or 300 dpi, color, gray, G4, at times a photo."""
    dpi = rng.choice((200, 200, 300))
    if rng.random() < 0.08:
        return dpi, None
    modes: tuple[Mode, ...] = ("color", "gray", "bitonal")
    return dpi, random_look(rng, rng.choice(modes))


def remittance_piece(remittance: Remittance, dpi: int, look: Look | None,
                     rng: random.Random) -> Piece:  # fmt: skip
    """The remittance printed, and scanned page by page."""
    sheets = render_pdf(remittance_pdf((remittance,)), dpi)
    pages = tuple(capture(sheet, "remittance", look, rng) for sheet in sheets)
    paid = remittance.allocations()
    accounts = tuple(claim.account.account_number for claim in remittance.claims)
    return Piece("remittance", pages, remittance.truth(), accounts, paid)


def envelope_piece(facts: EnvelopeFacts, dpi: int, look: Look | None,
                   rng: random.Random) -> Piece:  # fmt: skip
    """A returned envelope as scanned."""
    picture = capture(draw_envelope(facts, dpi, rng), "returned_mail", look, rng)
    return Piece("returned_mail", (picture,), facts.truth(), (facts.account.account_number,))


def returned_facts(group: Group, rng: random.Random, account: Account, statement: Statement,
                   mark: str, reason: str | None = None) -> EnvelopeFacts:  # fmt: skip
    """A statement that comes back: why by ``reason``, else by chance."""
    if mark == "hand":
        reason = "sender_handwritten"
    forward = None
    if reason is None:
        reason = rng.choice([key for key in REASONS if key != "new_address"])
    if reason == "new_address":
        street = f"{rng.randint(100, 980)} HARBOR VIEW DR APT {rng.randint(2, 40)}"
        forward = (street, f"COLUMBUS OH 43215-{rng.randint(1000, 4999)}")
    return EnvelopeFacts(
        account, statement, group.office(account.office_code), reason, mark,
        label_date(statement, rng, group.as_of), label_identity(rng), forward,
    )  # fmt: skip


def checks(seed: int, n: int) -> Iterator[Piece]:
    """``n`` check fronts of all styles, with their allocation to the statement they pay."""
    group = demo_group()
    for number in range(n):
        rng = random.Random(f"checks:{seed}:{number}")
        account, statement, office = owing(group, rng)
        style = rng.choices(tuple(DRAWERS), weights=(7, 2, 1, 1))[0]
        if style == "business":
            payer = insurer_payer(rng.choice(group.payers), rng.randrange(3))
        elif style == "bill_pay":
            payer = bill_payer(account)
        else:
            payer = guarantor_payer(account)
        dpi, look = some_look(rng)
        cents = statement.balance_cents
        facts = CheckFacts(
            payer, rng.choice(office.payees), cents, cents,
            group.as_of - timedelta(days=rng.randint(1, 9)),
            str(payer.first_serial + rng.randint(0, 300)),
            memo=account.account_number if rng.random() < 0.5 else "",
            signed=style != "bill_pay" and rng.random() < 0.95,
        )  # fmt: skip
        piece = check_piece(facts, style, dpi, look, rng)
        paid = Allocation(account.account_number, cents, statement.statement_number)
        yield replace(piece, accounts=(account.account_number,), allocations=(paid,))


def coupons(seed: int, n: int) -> Iterator[Piece]:
    """``n`` coupons, some with a new address, some without an amount enclosed."""
    group = demo_group()
    for number in range(n):
        rng = random.Random(f"coupons:{seed}:{number}")
        account, statement, office = owing(group, rng)
        moved = ("77 Harbor View Dr Apt 4", "Columbus, OH 43215") if rng.random() < 0.2 else None
        enclosed = statement.balance_cents if rng.random() < 0.85 else None
        payer = guarantor_payer(account)
        dpi, look = some_look(rng)
        facts = CouponFacts(account, statement, office, payer.hand, enclosed, moved, payer.ink)
        yield coupon_piece(facts, dpi, look, rng)


def fitting_insurers(group: Group, office: Office) -> tuple[Insurer, ...]:
    """The insurers that pay an office: no dental plan pays the medical one."""
    medical = office.code == "EAST"
    return tuple(p for p in group.payers if not (medical and "Dental" in p.name))


def eobs(seed: int, n: int) -> Iterator[Piece]:
    """``n`` scanned remittances in all layouts; now and then one of several pages."""
    group = demo_group()
    for number in range(n):
        rng = random.Random(f"eobs:{seed}:{number}")
        office = rng.choice(group.offices)
        insurer = rng.choice(fitting_insurers(group, office))
        count = rng.choice((None, None, None, 14))
        back = rng.choice((0, 0, 0, 1500))
        remittance = make_remittance(group, insurer, office, rng, claims=count,
                                     provider_adjustment=back)  # fmt: skip
        dpi, look = some_look(rng)
        yield remittance_piece(remittance, dpi, look or random_look(rng, "gray"), rng)


def envelopes(seed: int, n: int) -> Iterator[Piece]:
    """``n`` returned envelopes: yellow labels, stamps and handwriting."""
    group = demo_group()
    for number in range(n):
        rng = random.Random(f"envelopes:{seed}:{number}")
        account, statement, _ = owing(group, rng)
        mark = rng.choices(("label", "stamp", "hand"), weights=(7, 2, 1))[0]
        reason = "new_address" if mark == "label" and rng.random() < 0.25 else None
        dpi, look = some_look(rng)
        facts = returned_facts(group, rng, account, statement, mark, reason)
        yield envelope_piece(facts, dpi, look, rng)
