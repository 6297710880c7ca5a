"""Who pays whom how much: invented facts for a check of each kind, and what is true of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from bench.checks.wording import memo_line, random_cents
from web.demo.check_facts import CheckFacts, Payer
from web.demo.codes import aba_number, luhn_digit
from web.demo.fonts import HANDS
from web.demo.micr_print import MicrLine, _run
from web.demo.names import FIRST, LAST, STREET_KINDS, STREETS, TOWNS
from web.demo.sheet import BLUE_INK

Kind = Literal[
    "personal", "business", "bill_pay", "money_order", "postal_money_order", "cashier", "treasury",
    "insurance_stub", "canadian",
]  # fmt: skip
TODAY = date(2026, 11, 16)
"""The day the bench's mail is opened."""

_BANK_HEADS = ("First", "Prairie", "Miami Valley", "Wabash", "Heartland", "Union", "Old Mill",
               "Riverside", "Great Lakes", "Summit", "Pioneer", "Farmers", "Liberty", "Harbor",
               "Cornerstone", "Blue Ridge", "Twin Rivers", "Citizens", "Northern")  # fmt: skip
_BANK_TAILS = ("Bank", "National Bank", "Savings Bank", "Credit Union", "Trust Company",
               "Federal Savings", "Community Bank", "Bank N.A.")  # fmt: skip
_INSURERS = ("Buckeye Health Plan", "Anchor Dental Insurance", "Midwest Benefit Trust",
             "Lakeshore Life & Health", "Delphi Dental of Ohio", "Guardian Shield Mutual",
             "Teamsters Welfare Fund", "Tri-County Schools Health")  # fmt: skip
_FIRMS = ("Yoder Plumbing LLC", "Ace Heating & Air", "Hart Law Office", "Mendez Landscaping Inc",
          "Bell's Auto Repair", "Stone Creek Farms", "Kelley Estate Trust")  # fmt: skip
_PAYEES = ("Lakeview Dental Group", "Lakeview Dental", "Dr. Anna Yoder DDS",
           "Wabash Family Dentistry",
           "Prairie Orthodontics", "Heartland Medical Group", "Dayton Oral Surgery",
           "Miami Valley Pediatrics", "Clinton Eye Care", "Summit Dental Associates")  # fmt: skip
_TOWNS = tuple(town for towns in TOWNS.values() for town in towns)


_CANADIAN_BANKS = ("001", "002", "003", "004", "006", "010", "016", "030", "219", "614", "815")


class AmountField(MicrLine):
    """The amount field that the bank of first deposit encodes, in positions 1 to 12."""

    __slots__ = ()

    def placed(self) -> tuple[tuple[int, str], ...]:
        """``account`` holds the ten digits of the amount."""
        return tuple(_run(1, f"B{self.account}B"))


@dataclass(frozen=True, slots=True)
class Known:
    """A check's facts, its kind and what is encoded beside the usual MICR line."""

    facts: CheckFacts
    kind: Kind
    patient: str
    encoded_amount: bool = False

    @property
    def amount_field(self) -> AmountField | None:
        """The encoded amount field, None when the check has none."""
        if not self.encoded_amount:
            return None
        return AmountField("", f"{self.facts.cents:010d}", "")

    def truth(self) -> dict[str, Any]:
        """The contract's fields. A field on which able readers might differ is left out."""
        truth = self.facts.truth()
        line = self.facts.micr
        if self.encoded_amount:
            truth["micr_line"] = f"{line.text}B{self.facts.cents:010d}B"
        truth["account_number"] = line.account.replace("D", "")
        truth["payer_address"] = truth["payer_address"] or None
        truth["endorsed"] = self.facts.endorsed
        if self.kind == "insurance_stub":
            truth["instrument"] = "insurance"
        elif self.facts.payer.name not in _INSURERS:  # an insurer's plain check may be either
            truth["instrument"] = self.kind
        if self.kind == "canadian":
            del truth["routing_number"]  # branch and institution: no ABA number
        elif self.kind == "treasury":
            truth["bank_name"] = None
            for name in ("check_number", "account_number"):
                del truth[name]
            truth["aux_on_us"] = line.serial
        elif self.kind == "postal_money_order":
            truth["bank_name"] = None
            for name in ("account_number", "check_number", "signed", "payer_address"):
                del truth[name]
        elif self.kind in {"cashier", "money_order"}:
            for name in ("payer_address", "signed"):
                del truth[name]
        return truth


def make(kind: Kind, rng: random.Random) -> Known:
    """Facts for one check of ``kind``."""
    cents = random_cents(rng)
    words_cents = cents
    if kind in {"personal", "business", "canadian"} and rng.random() < 0.01:
        words_cents = _another(cents, rng)
    patient = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    payer = _payer(kind, rng)
    unsigned = kind in {"bill_pay", "postal_money_order"} or rng.random() < 0.02
    body = f"{rng.choice((1, 2, 3))}{rng.randrange(10**6, 10**7)}"
    memo = memo_line(rng, body + luhn_digit(body), patient)
    if kind in {"business", "cashier", "treasury", "insurance_stub"}:
        memo = memo if kind == "business" else ""
    facts = CheckFacts(payer, rng.choice(_PAYEES), cents, words_cents, _day(kind, rng),
                       str(payer.first_serial), memo, signed=not unsigned,
                       endorsed=rng.random() < 0.5)  # fmt: skip
    encoded = words_cents == cents and rng.random() < 0.04
    return Known(facts, kind, patient, encoded)


def _another(cents: int, rng: random.Random) -> int:
    """An amount that a careless writer puts down instead: digits swapped, or one of them other."""
    digits = list(str(cents))
    place = rng.randrange(len(digits) - 1)
    if digits[place] != digits[place + 1] and not (place == 0 and digits[1] == "0"):
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
    else:
        digits[place] = str((int(digits[place]) + rng.randint(1, 7)) % 9 + 1)
    other = int("".join(digits))
    return other if other != cents else cents + 1000


def _day(kind: Kind, rng: random.Random) -> date:
    chance = rng.random()
    if chance < 0.02:
        return TODAY - timedelta(days=rng.randint(181, 420))
    if chance < 0.04 and kind in {"personal", "business", "canadian"}:
        return TODAY + timedelta(days=rng.randint(1, 40))
    return TODAY - timedelta(days=min(150, int(rng.expovariate(1 / 14))))


def _payer(kind: Kind, rng: random.Random) -> Payer:
    """Who pays, from which account, with a MICR line as the kind has it."""
    last = rng.choice(LAST)
    name = f"{rng.choice(FIRST)} {rng.choice('ABCDEHJKLMRST')}. {last}"
    if rng.random() < 0.3:
        name = f"{rng.choice(FIRST)} {last}"
    elif rng.random() < 0.2:
        name = f"{rng.choice(FIRST)} & {rng.choice(FIRST)} {last}"
    town, state, code = rng.choice(_TOWNS)
    street = f"{rng.randint(10, 9900)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
    address: tuple[str, ...] = (street, f"{town}, {state} {code}")
    bank = f"{rng.choice(_BANK_HEADS)} {rng.choice(_BANK_TAILS)}"
    prefix = rng.choice((*range(1, 13), *range(21, 33)))
    routing = aba_number(f"{prefix:02d}{rng.randrange(10**6):06d}")
    account = _account(rng)
    layout = rng.choice(("serial_after",) * 4 + ("serial_first",))
    serial = rng.randint(101, 9899)
    payer = Payer(name, address, bank, f"{town}, {state}", routing, account, serial, layout,
                  rng.choice(HANDS), BLUE_INK, rng.randrange(3))  # fmt: skip
    if kind == "canadian":
        code = f"{rng.randrange(10**5):05d}D{rng.choice(_CANADIAN_BANKS)}"
        line = f"{rng.randrange(100, 999)}D{rng.randrange(100, 999)}D{rng.randrange(10)}"
        return replace(payer, routing=code, account=line, layout="business",
                       address=(street, f"{town}, ON K1A 0B1"))  # fmt: skip
    if kind == "treasury":
        return replace(payer, name="United States Treasury", address=(), routing="000000518",
                       account=f"{rng.randrange(10**8, 10**9)}", layout="business",
                       first_serial=rng.randint(2001, 4999))  # fmt: skip
    if kind == "postal_money_order":
        serial = rng.randrange(2 * 10**9, 3 * 10**9)
        serial = 10 * serial + sum(map(int, str(serial))) % 9  # its last digit checks the others
        return replace(payer, routing="000008002", account=str(serial), layout="no_serial",
                       first_serial=serial)  # fmt: skip
    if kind == "personal":
        return payer
    firm = rng.choice(_INSURERS if kind == "insurance_stub" else (*_INSURERS, *_FIRMS))
    longer = rng.randint(10_001, 99_999_999 if kind == "cashier" else 999_999)
    if kind in {"business", "insurance_stub"}:
        payer = replace(payer, name=firm)
    return replace(payer, layout="business", first_serial=longer)


def _account(rng: random.Random) -> str:
    """A checking account number of 6 to 12 digits; a few have a dash."""
    digits = str(rng.randint(1, 9)) + "".join(
        rng.choice("0123456789") for _ in range(rng.randint(5, 11))
    )
    return f"{digits[:3]}D{digits[3:]}" if rng.random() < 0.05 else digits
