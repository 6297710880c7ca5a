"""What goes into a cash letter: the deposit, its sender and its items, as values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from deposits.icl.rules import aba_sound
from records.errors import WrongUse

_MOST_ON_US, _MOST_AUX = 20, 15
_MOST_CODE = 2
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
    if found and found["routing"] == routing and _says(found, account, check_number):
        fields_ = MicrFields(
            routing, _symbols(found["on_us"]), _symbols(found["aux"] or ""), found["epc"] or ""
        )
    elif found and found["aux"]:
        # A business check has its number before the routing number, and on-us holds none.
        fields_ = MicrFields(routing, f"{account}/", check_number, found["epc"] or "")
    else:
        fields_ = MicrFields(routing, f"{account}/{check_number}" if account else "")
    if not aba_sound(fields_.routing) or not fields_.on_us.strip("/"):
        raise WrongUse(
            "micr_incomplete",
            "The check's routing number is no US bank's, or its account number is missing.",
            "Key its MICR line in review, or take the check to the bank by hand.",
        )
    if len(fields_.on_us) > _MOST_ON_US or len(fields_.aux_on_us) > _MOST_AUX:
        raise WrongUse(
            "micr_too_long",
            "The check's MICR line does not fit the record.",
            "Look at its MICR line in review, or take the check to the bank by hand.",
        )
    return fields_


def _says(found: re.Match[str], account: str, check_number: str) -> bool:
    """Whether the line gives this account and check number, or leaves room for them.

    Blanks are not kept, so that a number before or after the account may stand in one group with
    it: then the rest is the check number, or, where that stands elsewhere, three digits or more.
    A digit or two beside the account are an account that somebody corrected; as a group of their
    own they are a transaction code.
    """
    groups = [each.replace("D", "") for each in found["on_us"].split("C")]
    serials = [(found["aux"] or "").replace("D", ""), *(g for g in groups if g != account)]
    said = check_number.lstrip("0")
    longer = [each for each in serials if len(each) > _MOST_CODE]
    serials = [each.lstrip("0") for each in serials]
    if account and account in groups:
        return not said or said in serials or not longer
    for group in groups if account else ():
        rest = group.removeprefix(account)
        rest = group.removesuffix(account) if rest == group else rest
        if rest != group:
            elsewhere = not said or said in serials
            return rest.lstrip("0") == said or (elsewhere and len(rest) > _MOST_CODE)
    return not account and not said


def _symbols(text: str) -> str:
    return text.replace("C", "/").replace("D", "-")


def plain(text: str, most: int) -> str:
    """Text as a bank's file can hold it: no accents, one line, at most so many characters."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    shown = "".join(each for each in " ".join(bare.split()) if each.isprintable())
    return shown[:most].rstrip()
