"""Two addresses token by token: what differs, in which role, and which digits were slipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final, Literal

from rapidfuzz.distance import OSA

from returned_mail.address_block import find_block
from returned_mail.address_delivery import parse_delivery
from returned_mail.address_parts import Role, fold
from returned_mail.postal_words import DIRECTIONALS, STATE_OF_NAME, SUFFIXES, UNITS, UNITS_ALONE

_ADD_ON: Final = re.compile(r"\d{5}-?\d{4}")
Slip = Literal["", "swapped", "inserted", "deleted", "changed"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an address; ``differs`` where the other address has something else there.

    ``role`` is what the word is; ``slip`` says how few digits became the other address's number
    (from the old address to the new), empty where more than one slip lies between.
    """

    text: str
    differs: bool
    role: Role | Literal[""] = ""
    slip: Slip = ""


def differences(old: str, new: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Both addresses as words, those marked that the other one does not have in that place.

    ``STREET`` and ``ST`` are the same word, and so are a ZIP with its add-on of four digits and
    the same ZIP without (Publication 28, 2: the add-on is printed where it is known). A house
    number beside another house number is told with the slip between them: 12 and 21 have two
    digits swapped.
    """
    left, right = old.split(), new.split()
    roles = (_roles(old, left), _roles(new, right))
    same = _same(left, roles[0], right, roles[1])
    tokens = [
        [Token(word, at not in held, role) for at, (word, role) in enumerate(zip(words, said,
                                                                                 strict=True))]
        for words, said, held in ((left, roles[0], same[0]), (right, roles[1], same[1]))
    ]  # fmt: skip
    _mark_slips(tokens[0], tokens[1])
    return tuple(tokens[0]), tuple(tokens[1])


def without_name(text: str, names: Sequence[str]) -> str:
    """The address without one of ``names`` in front of it; as it is where none stands there.

    A block read in one piece begins with the addressee (Publication 28, 21: the name's line is
    above the delivery line). Only a whole name of two words or more, in either order, with an
    address left behind it, is taken off: ``ELM`` may be a person and a street.
    """
    words = text.split()
    for name in names:
        own = sorted(_plain_words(name))
        rest = " ".join(words[len(own) :])
        if len(own) < 2 or sorted(_plain_words(" ".join(words[: len(own)]))) != own:
            continue
        if find_block(rest) is not None:
            return rest
    return text


def _plain_words(name: str) -> list[str]:
    return [word.upper().strip(",.") for word in name.split()]


def slip_between(old: str, new: str) -> Slip:
    """The one slip between two numbers: digits swapped, one put in, left out or changed."""
    a, b = old.strip(",").upper(), new.strip(",").upper()
    if a == b or OSA.distance(a, b) != 1 or not any(c.isdigit() for c in a + b):
        return ""
    if len(b) > len(a):
        return "inserted"
    if len(b) < len(a):
        return "deleted"
    return "swapped" if sorted(a) == sorted(b) else "changed"


def _same(
    left: Sequence[str], left_roles: Sequence[str], right: Sequence[str], right_roles: Sequence[str]
) -> tuple[set[int], set[int]]:
    a = [_form(word, role) for word, role in zip(left, left_roles, strict=True)]
    b = [_form(word, role) for word, role in zip(right, right_roles, strict=True)]
    if not (_has_add_on(a, left_roles) and _has_add_on(b, right_roles)):
        a, b = _without_add_on(a, left_roles), _without_add_on(b, right_roles)
    matcher = SequenceMatcher(a=a, b=b, autojunk=False)
    held = (set[int](), set[int]())
    for block in matcher.get_matching_blocks():
        held[0].update(range(block.a, block.a + block.size))
        held[1].update(range(block.b, block.b + block.size))
    return held


def _form(word: str, role: str) -> str:
    """The word as it counts: short where Publication 28 has a short form for its role."""
    plain = word.upper().strip(",.")
    if role == "suffix":
        return SUFFIXES.get(plain, plain)
    if role in {"predirectional", "postdirectional"}:
        return DIRECTIONALS.get(plain, plain)
    if role == "unit":
        return UNITS.get(plain) or UNITS_ALONE.get(plain, plain)
    return plain


def _has_add_on(words: Sequence[str], roles: Sequence[str]) -> bool:
    return any(
        role == "zip" and _ADD_ON.fullmatch(word) for word, role in zip(words, roles, strict=True)
    )


def _without_add_on(words: Sequence[str], roles: Sequence[str]) -> list[str]:
    return [
        word[:5] if role == "zip" and _ADD_ON.fullmatch(word) else word
        for word, role in zip(words, roles, strict=True)
    ]


def _mark_slips(left: list[Token], right: list[Token]) -> None:
    """Pair the differing tokens of each role in their order, and say the slip of a pair."""
    for role in ("house", "unit", "box", "route", "zip", "street"):
        old = [at for at, token in enumerate(left) if token.differs and token.role == role]
        new = [at for at, token in enumerate(right) if token.differs and token.role == role]
        if len(old) != len(new):
            continue
        for a, b in zip(old, new, strict=True):
            slip = slip_between(left[a].text, right[b].text)
            left[a], right[b] = replace(left[a], slip=slip), replace(right[b], slip=slip)


def _roles(text: str, words: Sequence[str]) -> list[Role | Literal[""]]:
    """What each word is; empty where the text is no address."""
    block = find_block(text.replace(" , ", ", "))
    if block is None:
        return [""] * len(words)
    parts: list[tuple[str, Role]] = []
    for part in parse_delivery(block.street, block.state).parts:
        parts += [(_key(word), part.role) for word in part.text.split()]
    parts += [(_key(word), "city") for word in fold(block.city).split()]
    parts += [(block.state, "state"), (block.zip, "zip")]
    mine = [_key(word) for word in words]
    matcher = SequenceMatcher(a=mine, b=[word for word, _ in parts], autojunk=False)
    found: list[Role | Literal[""]] = [""] * len(words)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag in {"equal", "replace"} and b1 > b0:
            for at in range(a0, a1):
                found[at] = parts[min(b0 + at - a0, b1 - 1)][1]
        elif tag == "delete":
            for at in range(a0, a1):
                found[at] = parts[min(b0, len(parts) - 1)][1]
    return found


def _key(word: str) -> str:
    plain = word.upper().strip(",.")
    return (
        SUFFIXES.get(plain) or DIRECTIONALS.get(plain) or UNITS.get(plain)
        or UNITS_ALONE.get(plain) or STATE_OF_NAME.get(plain, plain)
    )  # fmt: skip
