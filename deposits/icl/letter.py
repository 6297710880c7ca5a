"""What goes into a cash letter: the deposit, its sender and its items, as values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from records.errors import WrongUse

_MOST_ON_US, _MOST_AUX = 20, 15
_LINE = re.compile(
    r"^(?:C(?P<aux>[0-9D]+)C)?(?P<epc>[0-9])?A(?P<routing>[0-9D]{9})A(?P<on_us>[0-9CD]*)"
    r"(?:B[0-9]*B?)?$"
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who deposits, where, and into which account.

    ``destination_routing`` is the receiving bank, ``origin_routing`` the customer's number or the
    id that the bank gave, ``institution_routing`` the client institution of 10, 20 and 52 (empty:
    the origin), ``bofd_routing`` the bank of first deposit. ``account_number`` is credited.
    ``test`` marks a file that the bank must not book.
    """

    destination_routing: str
    origin_routing: str
    bofd_routing: str
    account_number: str
    institution_routing: str = ""
    destination_name: str = ""
    origin_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    payee_name: str = ""
    location: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One image file of an item; ``made``: nobody scanned this side. ``analysis`` is record 54."""

    tiff: bytes
    made: bool = False
    analysis: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LetterItem:
    """One check: its MICR fields as record 25 wants them, cents, and both sides."""

    ref: str
    cents: int
    routing: str
    on_us: str
    aux_on_us: str
    epc: str
    front: Side
    back: Side


@dataclass(frozen=True, slots=True)
class Letter:
    """A deposit as a cash letter. ``number`` is never used twice; ``sent_at`` is the bank's local
    time; ``count`` and ``cents`` are the closed deposit's, ``items`` are read once."""

    number: int
    business_on: date
    sent_at: datetime
    count: int
    cents: int
    items: Iterable[LetterItem]


@dataclass(frozen=True, slots=True)
class MicrFields:
    """The MICR line in the fields of record 25 (X9.100-187, on-us symbol ``/``, dash ``-``)."""

    routing: str
    on_us: str
    aux_on_us: str = ""
    epc: str = ""


def micr_fields(line: str, routing: str, account: str, check_number: str) -> MicrFields:
    """Record 25's fields from a MICR line as text, or else from what was keyed.

    ``line`` is the contract's E-13B text (``A`` transit, ``B`` amount, ``C`` on-us, ``D`` dash).
    A person's routing number, account and check number count where it disagrees or was not read.
    WrongUse ``micr_incomplete`` or ``micr_too_long``: a bank could not present such an item.
    """
    found = _LINE.match("".join(line.split()))
    if found and found["routing"] == routing and account in found["on_us"].replace("D", ""):
        fields_ = MicrFields(
            routing, _symbols(found["on_us"]), _symbols(found["aux"] or ""), found["epc"] or ""
        )
    else:
        fields_ = MicrFields(routing, f"{account}/{check_number}" if account else "")
    if len(fields_.routing) != 9 or not fields_.on_us.strip("/"):
        raise WrongUse(
            "micr_incomplete",
            "The check's routing or account number is missing.",
            "Key its MICR line in review, or take the check to the bank by hand.",
        )
    if len(fields_.on_us) > _MOST_ON_US or len(fields_.aux_on_us) > _MOST_AUX:
        raise WrongUse(
            "micr_too_long",
            "The check's MICR line does not fit the record.",
            "Look at its MICR line in review, or take the check to the bank by hand.",
        )
    return fields_


def _symbols(text: str) -> str:
    return text.replace("C", "/").replace("D", "-")


def plain(text: str, most: int) -> str:
    """Text as a bank's file can hold it: no accents, one line, at most so many characters."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return " ".join(bare.split())[:most]
