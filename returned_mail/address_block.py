"""An address out of lines of text or out of one: the last line, and what stands above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from returned_mail.address_delivery import parse_delivery
from returned_mail.address_parts import fold
from returned_mail.address_special import MILITARY_STATES
from returned_mail.address_street import unit_only
from returned_mail.address_zip import city_key, zip_places
from returned_mail.postal_words import STATE_OF_NAME, STATES, URBANIZATIONS

_ZIP_TAIL = re.compile(r"^(?P<rest>.*?)[ ,]+(?P<zip>\d{5}(?:[- ]?\d{4})?)$")
_MOST_LINES: Final = 40
_CARE = re.compile(r"^(?:C/O|CARE OF|IN CARE OF|ATTN|ATTENTION|%)(?: |:)")


@dataclass(frozen=True, slots=True)
class Block:
    """The four parts as they stand in the text, not yet standardised."""

    street: str
    city: str
    state: str
    zip: str


def find_block(text: str) -> Block | None:
    """The last address of a text (name lines before it are skipped); None if it has none."""
    lines = [line.strip(" ,;") for line in text.replace(";", "\n").splitlines() if line.strip(" ,")]
    lines = lines[-_MOST_LINES:]
    if len(lines) == 1:
        return _one_line(lines[0])
    for index in range(len(lines) - 1, 0, -1):
        last = _last_line(lines[index])
        if last is None:
            continue
        city, state, code = last
        street = _above(lines[:index], state)
        if street is not None and city:
            return Block(street, city, state, code)
    return None


def _last_line(line: str) -> tuple[str, str, str] | None:
    """City, state and ZIP of a last line; the city may be empty."""
    match = _ZIP_TAIL.match(_plain(line))
    if match is None:
        return None
    words = match["rest"].replace(",", " ").split()
    for length in (1, 2, 3, 4):
        said = " ".join(words[-length:])
        state = said if length == 1 and said in STATES else STATE_OF_NAME.get(said)
        if state is not None and len(words) >= length:
            code = match["zip"].replace(" ", "-")
            return " ".join(words[:-length]), state, code
    return None


def _above(lines: list[str], state: str) -> str | None:
    """The delivery line just above the last line, with a unit or care-of line beside it."""
    at = len(lines) - 1
    street = fold(lines[at])
    if at > 0 and unit_only(street) and not _is_delivery(street, state):
        at -= 1
        street = f"{fold(lines[at])} {street}"
    if not _is_delivery(street, state):
        return None
    above = fold(lines[at - 1]) if at > 0 else ""
    if above.split(" ")[0] in URBANIZATIONS and not _is_delivery(above, state):
        street = f"{above} {street}"
    elif above and unit_only(above):
        street = f"{street} {above}"
    if at > 0 and _CARE.match(above):
        street = f"{above} {street}"
    return street


def _is_delivery(line: str, state: str) -> bool:
    """Whether mail can be delivered by this line: understood, or at least with a number in it."""
    found = parse_delivery(line, state)
    if found.kind != "unparsed":
        return True
    return any(letter.isdigit() for letter in line) and not unit_only(line)


def _one_line(line: str) -> Block | None:
    """``12 Elm St, Troy, NY 12180``, with commas or without."""
    last = _last_line(line)
    if last is None:
        return None
    before, state, code = last
    pieces = [piece.strip() for piece in _plain(line).split(",")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > 1:
        city = fold(_without_tail(pieces[-1], state, code) or pieces[-2])
        rest = pieces[:-1] if _without_tail(pieces[-1], state, code) else pieces[:-2]
        street = _from_pieces(rest, state)
        if street is not None and city and not any(letter.isdigit() for letter in city):
            return Block(street, city, state, code)
    return _unmarked(fold(before), state, code)


def _from_pieces(pieces: list[str], state: str) -> str | None:
    """Names before the first piece that begins an address are left out."""
    for at in range(len(pieces)):
        street = fold(" ".join(pieces[at:]))
        found = parse_delivery(street, state)
        if found.kind != "unparsed":
            return street
    street = fold(" ".join(pieces))
    return street if any(letter.isdigit() for letter in street) else None


def _without_tail(piece: str, state: str, code: str) -> str:
    last = _last_line(f"X {piece}")
    return last[0][2:] if last is not None and (last[1], last[2]) == (state, code) else ""


def _unmarked(before: str, state: str, code: str) -> Block | None:
    """No comma tells the city: the ZIP's own cities do, longest first; else the last word."""
    words = before.split()
    cities = {city_key(name) for place in zip_places(code) for name in place.cities}
    lengths = [n for n in range(min(4, len(words) - 1), 0, -1)
               if city_key(" ".join(words[-n:])) in cities]  # fmt: skip
    if state in MILITARY_STATES or not lengths:
        lengths = [*lengths, 1]
    for length in lengths:
        street, city = " ".join(words[:-length]), " ".join(words[-length:])
        if street and city.replace(" ", "").isalpha() and _is_delivery(street, state):
            return Block(street, city, state, code)
    return None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9#/,.'½ %:-]", " ", text.upper()).replace(".", " ").split())
