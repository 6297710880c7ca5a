"""Any delivery line to its parts: our own rules first, usaddress where the order is unusual."""

from __future__ import annotations

import re
from functools import lru_cache

import usaddress

from returned_mail.address_parts import HOUSE, Delivery, Part, fold
from returned_mail.address_special import special
from returned_mail.address_street import street
from returned_mail.postal_words import PUERTO_RICO, URBANIZATIONS

_CARE_OF = re.compile(r"(?P<mark>C/O|C / O|CARE OF|IN CARE OF|ATTN|ATTENTION|%) (?P<rest>.+)")
_MARKS = {"ATTN": "ATTN", "ATTENTION": "ATTN"}
_BEGINS = frozenset({"PO", "P", "POB", "BOX", "RR", "HC", "PSC", "CMR", "UNIT", "URB", "GENERAL"})
_UNITS = frozenset({"OccupancyType", "OccupancyIdentifier", "SubaddressType",
                    "SubaddressIdentifier"})  # fmt: skip
_STREET = frozenset({"AddressNumber", "AddressNumberPrefix", "AddressNumberSuffix"})
_LONGEST = 200


@lru_cache(maxsize=4096)
def parse_delivery(text: str, state: str = "") -> Delivery:
    """The parts of a delivery line; ``state`` helps with military mail and Puerto Rico.

    Never fails: what is not understood is one part with all its words, kind ``unparsed``.
    """
    line = fold(text.replace("%", " C/O ")[:_LONGEST])
    care_of, line = _care_of(line)
    found = _understood(line, state)
    again = _understood(found.line, state) if found is not None else None
    if found is None or again is None or again.parts != found.parts:
        found = Delivery("unparsed", (Part("street", line),) if line else ())
    head = (Part("care_of", care_of),) if care_of else ()
    return Delivery(found.kind, (*head, *found.parts))


def _understood(line: str, state: str) -> Delivery | None:
    found = special(line, state) or _urbanization(line)
    if found is not None:
        return found
    if state == "PR":
        island = _puerto_rico(line)
        if island is not None:
            return Delivery("puerto_rico", island)
    parts = street(line)
    if parts is None:
        moved = _in_order(line)
        parts = street(moved) if moved else None
    return None if parts is None else Delivery("street", parts)


def _care_of(line: str) -> tuple[str, str]:
    """Whom it is in care of, and the line behind it; a line that is nothing else stays whole."""
    match = _CARE_OF.fullmatch(line)
    if match is None:
        return "", line
    words = match["rest"].split()
    mark = _MARKS.get(match["mark"], "C/O")
    for at, word in enumerate(words):
        if at and (HOUSE.fullmatch(word) or word in _BEGINS):
            return f"{mark} {' '.join(words[:at])}", " ".join(words[at:])
    return f"{mark} {match['rest']}", ""


def _urbanization(line: str) -> Delivery | None:
    """Puerto Rico: ``URB`` and its name, then number and street as elsewhere."""
    words = line.split()
    if len(words) < 4 or words[0] not in URBANIZATIONS:
        return None
    # The last number that begins an address is the house's: names of urbanizations have some too.
    for at in range(len(words) - 2, 1, -1):
        if not HOUSE.fullmatch(words[at]):
            continue
        parts = _puerto_rico(" ".join(words[at:]))
        if parts is not None and _is_street_word(words[at + 1]):
            name = f"{URBANIZATIONS[words[0]]} {' '.join(words[1:at])}"
            return Delivery("puerto_rico", (Part("urbanization", name), *parts))
    for at in range(2, len(words) - 1):
        parts = _puerto_rico(" ".join(words[at:])) if HOUSE.fullmatch(words[at]) else None
        if parts is not None:
            name = f"{URBANIZATIONS[words[0]]} {' '.join(words[1:at])}"
            return Delivery("puerto_rico", (Part("urbanization", name), *parts))
    return None


def _is_street_word(word: str) -> bool:
    return word in PUERTO_RICO


def _puerto_rico(line: str) -> tuple[Part, ...] | None:
    """A number and a street whose kind stands before its name: ``150 CALLE A``, ``AVE PONCE``."""
    words = line.split()
    if len(words) > 2 and words[0] in PUERTO_RICO:
        # "CALLE A 150": the number stands last; written, it stands first.
        for at in range(len(words) - 1, 1, -1):
            if HOUSE.fullmatch(words[at]) and words[0] != "CARR":
                words = [words[at], *words[:at], *words[at + 1 :]]
                break
    if len(words) < 3 or words[1] not in PUERTO_RICO:
        return street(line)
    parts = street(" ".join((words[0], "X", *words[2:])))
    if parts is None or parts[1].role != "street" or not parts[1].text.startswith("X "):
        return street(line)
    name = f"{PUERTO_RICO[words[1]]} {parts[1].text[2:]}"
    return (parts[0], Part("street", name), *parts[2:])


def _in_order(line: str) -> str:
    """Number and street first, units behind, as usaddress tells them apart; empty if it cannot.

    Its labels are taken word by word, so that one which comes twice (on which its own grouping
    gives up) does no harm.
    """
    labelled = [(word.strip(",;"), label) for word, label in usaddress.parse(line)]
    if not any(label in _STREET for _, label in labelled):
        return ""
    units = [word for word, label in labelled if label in _UNITS]
    first = next(at for at, (_, label) in enumerate(labelled) if label in _STREET)
    if any(label not in _UNITS for _, label in labelled[:first]):
        return ""  # a building's name, a person: not ours to drop or to move
    rest = [word for word, label in labelled[first:] if label not in _UNITS]
    moved = " ".join((*rest, *units))
    return moved if sorted(moved.split()) == sorted(line.split()) else ""
