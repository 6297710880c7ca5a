"""The envelopes of the bag: every scenario of a day's mail, with what ought to become of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from web.demo.check_art import draw_personal
from web.demo.check_facts import CheckFacts, personal_payer
from web.demo.codes import aba_number, dollars
from web.demo.coupon_art import CouponFacts
from web.demo.fonts import HANDS
from web.demo.group import Account, Group, Office, Statement
from web.demo.letter_art import TOPICS, LetterFacts, draw_blank, draw_letter
from web.demo.mail import Allocation, MailItem, Mode, Outcome, Piece
from web.demo.pieces import (
    bill_payer,
    capture,
    check_piece,
    coupon_piece,
    envelope_piece,
    fitting_insurers,
    guarantor_payer,
    insurer_payer,
    remittance_piece,
    returned_facts,
)
from web.demo.remit_facts import make_remittance
from web.demo.scanner import Look, random_look, scan
from web.demo.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Station:
    """Where an envelope is scanned: resolution, mode, both sides or one, or a telephone."""

    dpi: int
    mode: Mode
    duplex: bool = False
    phone: bool = False

    def look(self, rng: random.Random) -> Look | None:
        """The look of the next sheet; None for the telephone."""
        return None if self.phone else random_look(rng, self.mode)


class Mailroom:
    """Makes envelopes for one office; a statement is paid by one envelope only."""

    def __init__(self, group: Group, office: Office, seed: int) -> None:
        self.group, self.office, self.seed = group, office, seed
        self.taken: set[str] = set()
        self._before: dict[str, frozenset[str]] = {}

    def item(self, name: str, scenario: str, station: Station, twin: str = "") -> MailItem:
        """The envelope ``name``. ``twin`` names an earlier one whose check is scanned again."""
        key = f"{self.seed}:{self.office.code}:"
        noise = random.Random(f"{key}{name}:scan")
        if twin:
            self.taken = set(self._before[twin])
            item = _Envelope(self, random.Random(key + twin), station, noise).make(name, scenario)
            return replace(item, scenario="duplicate", outcome="duplicate", allocations=(),
                           notes={"duplicate_of": twin})  # fmt: skip
        self._before[name] = frozenset(self.taken)
        return _Envelope(self, random.Random(key + name), station, noise).make(name, scenario)

    def bill(self, rng: random.Random, siblings: int = 1) -> list[tuple[Account, Statement]]:
        """An account with an open statement, and ``siblings - 1`` more of its household."""
        households: dict[str, list[Account]] = {}
        for account in self.group.accounts:
            if account.office_code == self.office.code:
                households.setdefault(account.household, []).append(account)
        keys = sorted(households)
        while True:
            household = households[rng.choice(keys)]
            bills = [
                (account, statement)
                for account in household
                for statement in self.group.open_statements(account.account_number)[:1]
                if statement.statement_number not in self.taken
            ]
            if len(bills) >= siblings:
                chosen = bills[:siblings]
                self.taken |= {statement.statement_number for _, statement in chosen}
                return chosen


class _Envelope:
    """One envelope in the making. ``rng`` decides what it holds, ``noise`` how it is scanned."""

    def __init__(self, room: Mailroom, rng: random.Random, station: Station,
                 noise: random.Random) -> None:  # fmt: skip
        self.room, self.rng, self.station, self.noise = room, rng, station, noise
        self.group, self.office = room.group, room.office

    def make(self, name: str, scenario: str) -> MailItem:
        item = SCENARIOS[scenario](self)
        pieces = _with_blank_backs(self, item.pieces) if self.station.duplex else item.pieces
        return replace(item, name=name, scenario=scenario, pieces=pieces)

    def done(self, outcome: Outcome, pieces: list[Piece], paid: list[Allocation] | None = None,
             amount: int | None = None) -> MailItem:  # fmt: skip
        allocations = tuple(paid or ())
        if amount is None and allocations:
            amount = sum(a.amount_cents for a in allocations)
        return MailItem("", "", self.office.code, outcome, tuple(pieces), allocations, amount)

    def facts(self, account: Account, cents: int) -> CheckFacts:
        payer = guarantor_payer(account)
        written = self.group.as_of - timedelta(days=self.rng.randint(2, 9))
        serial = str(payer.first_serial + self.rng.randint(0, 250))
        payee = self.rng.choice(self.office.payees[:2])
        return CheckFacts(payer, payee, cents, cents, written, serial)

    def check(self, facts: CheckFacts, style: str = "personal") -> Piece:
        back = self.station.look(self.noise) if self.station.duplex else None
        bank = next(b for b in self.group.bank_accounts if b.code == self.office.bank_account)
        endorsed = bank.account_number if self.rng.random() < 0.7 else ""
        look = self.station.look(self.noise)
        return check_piece(facts, style, self.station.dpi, look, self.rng, back, endorsed)

    def coupon(self, account: Account, statement: Statement, enclosed: int | None,
               moved: tuple[str, str] | None = None) -> Piece:  # fmt: skip
        payer = guarantor_payer(account)
        facts = CouponFacts(account, statement, self.office, payer.hand, enclosed, moved, payer.ink)
        return coupon_piece(facts, self.station.dpi, self.station.look(self.noise), self.rng)


def _with_blank_backs(envelope: _Envelope, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Duplex scanning: every sheet but a check (which has its own back) gets an empty reverse."""
    full: list[Piece] = []
    for piece in pieces:
        if piece.kind == "check":
            full.append(piece)
            continue
        for page in piece.pages:
            full.append(replace(piece, pages=(page,)) if len(piece.pages) > 1 else piece)
            rows, cols = page.pixels.shape[:2]
            blank = draw_blank(cols / page.dpi, rows / page.dpi, page.dpi, envelope.noise)
            look = envelope.station.look(envelope.noise)
            picture = capture(blank, "blank", look, envelope.noise)
            full.append(Piece("blank", (picture,), {}))
    return tuple(full)


def _owed(statement: Statement, cents: int | None = None) -> Allocation:
    amount = statement.balance_cents if cents is None else cents
    return Allocation(statement.account_number, amount, statement.statement_number)


def _with_coupon(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    cents = statement.balance_cents
    moved = ("77 Orchard Park Blvd", "Columbus, OH 43215") if e.rng.random() < 0.15 else None
    facts = e.facts(account, cents)
    if e.rng.random() < 0.3:
        facts = replace(facts, memo=account.account_number)
    enclosed = cents if e.rng.random() < 0.9 else None
    pieces = [e.check(facts), e.coupon(account, statement, enclosed, moved)]
    return e.done("match", pieces, [_owed(statement)])


def _partial(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    cents = max(1000, statement.balance_cents * 2 // 5 // 500 * 500)
    cents = min(cents, statement.balance_cents)
    pieces = [e.check(e.facts(account, cents)), e.coupon(account, statement, cents)]
    return e.done("match", pieces, [_owed(statement, cents)])


def _memo_only(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = replace(e.facts(account, statement.balance_cents), memo=account.account_number)
    return e.done("match", [e.check(facts)], [_owed(statement)])


def _name_only(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    return e.done("match", [e.check(e.facts(account, statement.balance_cents))],
                  [_owed(statement)])  # fmt: skip


def _family(e: _Envelope) -> MailItem:
    bills = e.room.bill(e.rng, siblings=2)
    total = sum(statement.balance_cents for _, statement in bills)
    coupons = [e.coupon(account, s, s.balance_cents) for account, s in bills]
    return e.done("match", [e.check(e.facts(bills[0][0], total)), *coupons],
                  [_owed(statement) for _, statement in bills])  # fmt: skip


def _two_checks(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    half = statement.balance_cents // 2
    first = e.facts(account, half)
    second = replace(e.facts(account, statement.balance_cents - half),
                     serial=str(int(first.serial) + 1))  # fmt: skip
    pieces = [e.check(first), e.check(second),
              e.coupon(account, statement, statement.balance_cents)]  # fmt: skip
    return e.done("match", pieces, [_owed(statement)])


def _bill_pay(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = e.facts(account, statement.balance_cents)
    payer = bill_payer(account)
    facts = replace(facts, payer=payer, serial=str(payer.first_serial), signed=False,
                    memo=f"ACCT {account.account_number}")  # fmt: skip
    return e.done("match", [e.check(facts, "bill_pay")], [_owed(statement)])


def _money_order(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    payer = replace(guarantor_payer(account), bank_name="Quickstop Money Orders", bank_town="",
                    routing=aba_number("10191122"), account="4016007712", layout="serial_after",
                    first_serial=884200)  # fmt: skip
    facts = replace(e.facts(account, statement.balance_cents), payer=payer,
                    serial=str(884200 + e.rng.randint(1, 99)))  # fmt: skip
    pieces = [e.check(facts, "money_order"), e.coupon(account, statement, facts.cents)]
    return e.done("match", pieces, [_owed(statement)])


def _insurance(e: _Envelope, claims: int | None = None) -> MailItem:
    """A check with its remittance; a long one comes in the layout that takes most room."""
    office = e.office
    fitting = fitting_insurers(e.group, office)
    insurer = e.rng.choice([p for p in fitting if not claims or p.layout == "claim_blocks"])
    remittance = make_remittance(e.group, insurer, office, e.rng, claims=claims)
    cents = remittance.total_paid_cents
    payer = insurer_payer(insurer, e.rng.randrange(3))
    facts = CheckFacts(payer, office.payees[0], cents, cents, remittance.payment_on,
                       remittance.payment_number)  # fmt: skip
    look = e.station.look(e.noise) or random_look(e.noise, "color")
    eob = remittance_piece(remittance, e.station.dpi, look, e.rng)
    return e.done("match", [e.check(facts, "business"), eob], list(remittance.allocations()))


def _postdated(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = e.facts(account, statement.balance_cents)
    facts = replace(facts, written_on=e.group.as_of + timedelta(days=24))
    pieces = [e.check(facts), e.coupon(account, statement, statement.balance_cents)]
    return e.done("postdated", pieces, [_owed(statement)])


def _amount_mismatch(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = e.facts(account, statement.balance_cents)
    facts = replace(facts, cents=statement.balance_cents + 2700)
    pieces = [e.check(facts), e.coupon(account, statement, None)]
    return e.done("amount_mismatch", pieces, [_owed(statement)])


def _unsigned(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = replace(e.facts(account, statement.balance_cents), signed=False)
    pieces = [e.check(facts), e.coupon(account, statement, statement.balance_cents)]
    return e.done("unsigned", pieces, [_owed(statement)])


def _misdirected(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = replace(e.facts(account, statement.balance_cents), payee="Miami Valley Gas & Electric",
                    memo="acct 88-2041-7")  # fmt: skip
    return e.done("misdirected", [e.check(facts)], amount=facts.cents)


def _stranger(e: _Envelope) -> MailItem:
    payer = personal_payer("Thaddeus Quillfeather", ("1 Nowhere Rd", "Anchorage, AK 99501"),
                           f"stranger:{e.rng.randint(0, 999)}")  # fmt: skip
    written = e.group.as_of - timedelta(days=3)
    facts = CheckFacts(payer, e.office.payees[0], 18350, 18350, written, str(payer.first_serial))
    return e.done("unidentified", [e.check(facts)], amount=facts.cents)


def _unreadable(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    facts = e.facts(account, statement.balance_cents)
    look = Look("gray", skew=1.4, blur=5.5, noise=16.0, gamma=3.2, margin=0.1, bed=20)
    piece = check_piece(facts, "personal", e.station.dpi, look, e.rng)
    return e.done("unreadable", [piece], amount=facts.cents)


def _flatbed(e: _Envelope) -> MailItem:
    """Three checks laid on the glass at once, each a little crooked, on one letter page."""
    page = Sheet(8.5, 11, e.station.dpi, (253, 253, 253))
    pieces: list[Piece] = []
    paid: list[Allocation] = []
    for row in range(3):
        ((account, statement),) = e.room.bill(e.rng)
        facts = replace(e.facts(account, statement.balance_cents), memo=account.account_number)
        check = draw_personal(facts, e.station.dpi, e.rng)
        x, y = 0.4 + e.rng.uniform(0, 1.6), 0.45 + 3.5 * row + e.rng.uniform(0, 0.3)
        size = page.overlay(check, x, y, e.rng.uniform(-1.6, 1.6))
        region = (page.px(x), page.px(y), *size)
        pieces.append(Piece("check", (), facts.truth(), region=region))
        paid.append(_owed(statement))
    look = Look("gray", noise=3.0, jpeg_quality=85)
    picture = scan(page, "check", look, e.noise)
    return e.done("match", [replace(pieces[0], pages=(picture,)), *pieces[1:]], paid)


def _letter(e: _Envelope) -> MailItem:
    ((account, statement),) = e.room.bill(e.rng)
    topic = e.rng.choice(tuple(TOPICS))
    dated = e.group.as_of - timedelta(days=e.rng.randint(3, 9))
    facts = LetterFacts(
        account, e.office, topic, statement.statement_number, dollars(statement.balance_cents),
        f"{dated:%B} {dated.day}, {dated.year}", e.rng.choice((*HANDS, None, None, None, None)),
    )  # fmt: skip
    look = e.station.look(e.noise)
    picture = capture(draw_letter(facts, e.station.dpi, e.rng), "correspondence", look, e.rng)
    piece = Piece("correspondence", (picture,), {}, (account.account_number,))
    return replace(e.done("correspondence", [piece]), notes={"topic": topic, "text": facts.body})


def _returned(mark: str, reason: str | None = None) -> Callable[[_Envelope], MailItem]:
    def make(e: _Envelope) -> MailItem:
        ((account, statement),) = e.room.bill(e.rng)
        facts = returned_facts(e.group, e.rng, account, statement, mark, reason)
        piece = envelope_piece(facts, e.station.dpi, e.station.look(e.noise), e.rng)
        item = e.done("returned_mail", [piece])
        return replace(item, notes={"statement_number": statement.statement_number})

    return make


def _blank(e: _Envelope) -> MailItem:
    sheet = draw_blank(8.5, 11, e.station.dpi, e.rng)
    picture = capture(sheet, "blank", e.station.look(e.noise), e.rng)
    return e.done("blank", [Piece("blank", (picture,), {})])


SCENARIOS: dict[str, Callable[[_Envelope], MailItem]] = {
    "with_coupon": _with_coupon,
    "partial": _partial,
    "memo_only": _memo_only,
    "name_only": _name_only,
    "family": _family,
    "two_checks": _two_checks,
    "bill_pay": _bill_pay,
    "money_order": _money_order,
    "insurance": _insurance,
    "insurance_long": lambda e: _insurance(e, claims=14),
    "postdated": _postdated,
    "amount_mismatch": _amount_mismatch,
    "unsigned": _unsigned,
    "misdirected": _misdirected,
    "stranger": _stranger,
    "unreadable": _unreadable,
    "letter": _letter,
    "returned_label": _returned("label"),
    "returned_moved": _returned("label", "new_address"),
    "returned_stamp": _returned("stamp"),
    "returned_hand": _returned("hand"),
    "flatbed": _flatbed,
    "blank": _blank,
}
