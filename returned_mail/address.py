"""Addresses: checked and standardised for storing, compared token by token for showing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from records.errors import WrongUse

_STATES_TEXT = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
    "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP"
)
_STATES = frozenset(re.findall("[A-Z]{2}", _STATES_TEXT))
# Publication 28, appendix C: the suffixes people spell out most.
_SHORT = {
    "STREET": "ST",
    "AVENUE": "AVE",
    "ROAD": "RD",
    "DRIVE": "DR",
    "LANE": "LN",
    "COURT": "CT",
    "BOULEVARD": "BLVD",
    "PLACE": "PL",
    "TERRACE": "TER",
    "CIRCLE": "CIR",
    "PARKWAY": "PKWY",
    "HIGHWAY": "HWY",
    "APARTMENT": "APT",
    "SUITE": "STE",
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "TRAIL": "TRL",
    "SQUARE": "SQ",
    "FLOOR": "FL",
    "UNIT": "UNIT",
}
_ZIP = re.compile(r"^\d{5}(?:-?\d{4})?$")
_LAST_LINE = re.compile(
    r"^(?P<city>[A-Z][A-Z .'-]*?)[ ,]+(?P<state>[A-Z]{2})[ ,]+(?P<zip>\d{5}(?:-?\d{4})?)$"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A deliverable-looking address, standardised in capitals as Publication 28 writes it."""

    street: str
    city: str
    state: str
    zip: str

    @property
    def line(self) -> str:
        """On one line."""
        return f"{self.street}, {self.city}, {self.state} {self.zip}"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an address; ``differs`` where the other address has something else."""

    text: str
    differs: bool


def standardise(street: str, city: str, state: str, zip_code: str) -> Address:
    """Check and standardise what a person typed.

    Raises WrongUse with the part that is wrong: ``no_street``, ``no_city``, ``unknown_state``
    or ``wrong_zip``.
    """
    words = _fold(street).split()
    if not words:
        raise WrongUse("no_street", "The street is missing.", "Type number and street, or PO BOX.")
    town = _fold(city)
    if not town:
        raise WrongUse("no_city", "The city is missing.", "Type the city.")
    if state.strip().upper() not in _STATES:
        raise WrongUse("unknown_state", f"{state!r} is no state.", "Use two letters, such as NY.")
    digits = zip_code.strip()
    if not _ZIP.match(digits):
        raise WrongUse("wrong_zip", f"{zip_code!r} is no ZIP code.", "Use 12345 or 12345-6789.")
    if len(digits) == 9:
        digits = f"{digits[:5]}-{digits[5:]}"
    return Address(
        " ".join(_SHORT.get(word, word) for word in words), town, state.strip().upper(), digits
    )


def parse_block(text: str) -> Address | None:
    """An address from lines of text (name lines before it are skipped); None if it has none."""
    lines = [_fold(line) for line in text.splitlines() if line.strip()]
    if len(lines) == 1:  # "12 Elm St, Troy, NY 12180"
        street, _, rest = text.partition(",")
        lines = [_fold(street), _fold(rest.replace(",", " "))]
    for index in range(1, len(lines)):
        match = _LAST_LINE.match(lines[index])
        if match and any(letter.isdigit() for letter in lines[index - 1]):
            try:
                return standardise(lines[index - 1], match["city"], match["state"], match["zip"])
            except WrongUse:
                return None
    return None


def differences(old: str, new: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Both addresses as words, those marked that the other one does not have in that place."""
    left, right = old.split(), new.split()
    matcher = SequenceMatcher(
        a=[w.upper().strip(",") for w in left],
        b=[w.upper().strip(",") for w in right],
        autojunk=False,
    )
    same_left, same_right = set[int](), set[int]()
    for block in matcher.get_matching_blocks():
        same_left |= set(range(block.a, block.a + block.size))
        same_right |= set(range(block.b, block.b + block.size))
    return (
        tuple(Token(word, index not in same_left) for index, word in enumerate(left)),
        tuple(Token(word, index not in same_right) for index, word in enumerate(right)),
    )


def _fold(text: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9#/' -]", " ", text.upper()).split())
