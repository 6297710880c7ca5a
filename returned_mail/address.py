"""Addresses: checked and standardised for storing, compared token by token for showing.

The parts lie in files of their own: ``address_delivery`` (parsing), ``address_block`` (an address
out of text), ``address_zip`` (ZIP, state and city), ``address_compare`` (differences).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from records.errors import WrongUse
from returned_mail.address_block import find_block
from returned_mail.address_compare import Token, differences, slip_between, without_name
from returned_mail.address_delivery import parse_delivery
from returned_mail.address_parts import Delivery, fold
from returned_mail.address_zip import Finding, zip_findings
from returned_mail.postal_words import STATE_OF_NAME, STATES

__all__ = [
    "Address",
    "Finding",
    "Token",
    "differences",
    "findings",
    "parse_block",
    "slip_between",
    "standardise",
    "without_name",
]

_ZIP = re.compile(r"^\d{5}(?:-?\d{4})?$")


@dataclass(frozen=True, slots=True)
class Address:
    """A deliverable-looking address, standardised in capitals as Publication 28 writes it.

    ``care_of`` is ``C/O`` or ``ATTN`` and a name, empty for most.
    """

    street: str
    city: str
    state: str
    zip: str
    care_of: str = ""

    @property
    def line(self) -> str:
        """On one line."""
        street = f"{self.care_of} {self.street}".strip()
        return f"{street}, {self.city}, {self.state} {self.zip}"

    @property
    def delivery(self) -> Delivery:
        """The delivery line's parts."""
        return parse_delivery(self.street, self.state)


def standardise(street: str, city: str, state: str, zip_code: str) -> Address:
    """Check and standardise what a person typed; what was standardised stays as it is.

    Raises WrongUse with the part that is wrong: ``no_street``, ``no_city``, ``unknown_state``
    or ``wrong_zip``. ZIP and city are not compared here: see ``findings``.
    """
    short = _state(state)
    delivery = parse_delivery(street, short or "")
    line = delivery.line or delivery.care_of
    if not line:
        raise WrongUse("no_street", "The street is missing.", "Type number and street, or PO BOX.")
    town = fold(city)
    if not town:
        raise WrongUse("no_city", "The city is missing.", "Type the city.")
    if short is None:
        raise WrongUse("unknown_state", f"{state!r} is no state.", "Use two letters, such as NY.")
    digits = zip_code.strip()
    if not _ZIP.match(digits) or not digits.isascii():
        raise WrongUse("wrong_zip", f"{zip_code!r} is no ZIP code.", "Use 12345 or 12345-6789.")
    if len(digits) == 9:
        digits = f"{digits[:5]}-{digits[5:]}"
    care_of = delivery.care_of if delivery.line else ""
    return Address(line, town, short, digits, care_of)


def parse_block(text: str) -> Address | None:
    """An address from lines of text (name lines before it are skipped); None if it has none."""
    block = find_block(text)
    if block is None:
        return None
    try:
        return standardise(block.street, block.city, block.state, block.zip)
    except WrongUse:
        return None


def findings(address: Address) -> tuple[Finding, ...]:
    """Where ZIP, state and city disagree; nothing is changed for it."""
    return zip_findings(address.city, address.state, address.zip)


def _state(text: str) -> str | None:
    said = fold(text)
    return said if said in STATES else STATE_OF_NAME.get(said)
