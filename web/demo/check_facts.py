"""What a check says: the facts that are drawn, and the contract's field values for them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

from web.demo.codes import aba_number, dollars, number_words
from web.demo.fonts import HANDS
from web.demo.micr_print import MicrLine
from web.demo.names import BANKS
from web.demo.sheet import BLACK_INK, BLUE_INK, Color


@dataclass(frozen=True, slots=True)
class Payer:
    """Who draws checks, on which account; a payer keeps all of it from check to check."""

    name: str
    address: tuple[str, ...]
    bank_name: str
    bank_town: str
    routing: str
    account: str
    first_serial: int
    layout: str
    hand: str
    ink: Color
    design: int


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """One check. ``cents`` is what the numerals say and ``words_cents`` what the words say."""

    payer: Payer
    payee: str
    cents: int
    words_cents: int
    written_on: date
    serial: str
    memo: str = ""
    signed: bool = True
    endorsed: bool = True

    @property
    def micr(self) -> MicrLine:
        """The line at the foot of the check."""
        return MicrLine(self.payer.routing, self.payer.account, self.serial, self.payer.layout)

    def truth(self) -> dict[str, Any]:
        """The contract's fields of a check, each as an able reader would give it."""
        line = self.micr
        agrees = self.cents == self.words_cents
        return {
            "routing_number": line.routing,
            "account_number": line.account,
            "check_number": self.serial,
            "aux_on_us": line.aux_on_us,
            "on_us": line.on_us,
            "micr_line": line.text,
            # Numerals and words that differ: the words rule (UCC 3-114), but a person decides.
            "amount_cents": self.cents if agrees else None,
            "courtesy_amount_cents": self.cents,
            "legal_amount_cents": self.words_cents,
            "date": self.written_on.isoformat(),
            "payer_name": self.payer.name,
            "payer_address": "\n".join(self.payer.address),
            "payee_name": self.payee,
            "memo": self.memo or None,
            "signed": self.signed,
            "bank_name": self.payer.bank_name,
        }


def personal_payer(name: str, address: tuple[str, ...], key: str) -> Payer:
    """The payer that ``key`` (an account number, say) always gives: same bank, hand and design."""
    rng = random.Random(f"payer:{key}")
    bank, eight, town = rng.choice(BANKS)
    account = str(rng.randint(1, 9)) + "".join(
        rng.choice("0123456789") for _ in range(rng.randint(7, 11))
    )
    return Payer(
        name=name,
        address=address,
        bank_name=bank,
        bank_town=town,
        routing=aba_number(eight),
        account=account,
        first_serial=rng.randint(1001, 9600),
        layout=rng.choice(("serial_after",) * 4 + ("serial_first",)),
        hand=rng.choice(HANDS),
        ink=rng.choice((BLUE_INK, BLUE_INK, BLACK_INK)),
        design=rng.randrange(5),
    )


def words_line(cents: int, rng: random.Random) -> str:
    """The amount as people write it: ``One hundred four and 50/100``, in one of several ways."""
    whole, part = divmod(cents, 100)
    words = number_words(whole, hyphen=rng.random() < 0.6)
    words = rng.choice((words.capitalize(), words.capitalize(), words.title()))
    if part == 0:
        fraction = rng.choice(("00/100", "no/100", "xx/100", "00/100"))
    else:
        fraction = f"{part:02d}/100"
    return f"{words} {rng.choice(('and', 'and', '&'))} {fraction}"


def date_line(day: date, rng: random.Random) -> str:
    """The date as people write it."""
    style = rng.randrange(5)
    if style == 0:
        return f"{day.month}/{day.day}/{day.year}"
    if style == 1:
        return f"{day.month:02d}/{day.day:02d}/{day:%y}"
    if style == 2:
        return f"{day:%B} {day.day}, {day.year}"
    if style == 3:
        return f"{day:%b} {day.day}, {day.year}"
    return f"{day.month}-{day.day}-{day:%y}"


def numerals(cents: int, rng: random.Random) -> str:
    """The numerals as people write them in the amount box."""
    if cents % 100 == 0 and rng.random() < 0.2:
        return f"{cents // 100}.00"
    return dollars(cents, comma=cents >= 1_000_00 and rng.random() < 0.5)
