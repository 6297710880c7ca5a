"""Keys with their values in a row of print, ``Line Paid: 12.00``, and what the keys name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ocr.labels import tokens
from ocr.remittance_cells import CLAIM_LABELS, MONEY
from ocr.remittance_lexicon import column_role, known_role
from ocr.remittance_likely_heads import likely_role
from ocr.remittance_rows import Row, Token

Scope = Literal["claim", "line", "either"]

_KEY_WORDS = 6  # in a key, at most
_OF_A_CODE = 3  # letters before a colon that is a part of a code, ``HC:``, and the colon
_VALUE_GAP = 2.0  # heights between two words of one value, at most
_OF_CLAIMS, _OF_LINES = frozenset({"claim", "bill"}), frozenset({"line", "service", "procedure"})
_NAME_PARTS = {
    ("last",): "last_name", ("last", "name"): "last_name", ("first",): "first_name",
    ("first", "name"): "first_name", ("surname",): "last_name", ("given", "name"): "first_name",
}  # fmt: skip
_WHOSE = frozenset({"patient", "member", "insured", "subscriber", "beneficiary", "enrollee"})
_DAYS = frozenset({"service_on", "service_end_on"})
_OF_NO_SERVICE = frozenset({
    "payment", "check", "eft", "trace", "production", "remittance", "statement", "birth", "issue",
    "process", "processed", "received", "admission", "discharge",
})  # fmt: skip
_STATUS = frozenset({("claim", "status"), ("status",), ("status", "of", "claim")})


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and the tokens of its value; ``role`` is None for a key that nobody knows.

    Beside the roles of columns it may be ``last_name``, ``first_name`` or ``status``. ``scope``
    tells whether the key says that it is a claim's or a service's, or leaves it open.
    """

    role: str | None
    scope: Scope
    key: str
    value: tuple[Token, ...]


def pairs_of(row: Row) -> list[Pair]:
    """The keys of a row that end with a colon, left to right, each with its value."""
    starts = list(_keys(row))
    found: list[Pair] = []
    for number, (first, last) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(row.tokens)
        key = " ".join(token.text for token in row.tokens[first : last + 1]).rstrip(" :.")
        role, scope = _named(key)
        if role is None and scope == "line" and row.source != "text_layer":
            role = _likely(key)
        found.append(Pair(role, scope, key, _value(row.tokens[last + 1 : end])))
    return found


def _keys(row: Row) -> Iterator[tuple[int, int]]:
    """The first and last token of each key; a code with a colon in it, ``HC: 99213``, is none."""
    begin = 0
    for run in row.runs(_VALUE_GAP):
        start = begin
        for at in range(begin, begin + len(run)):
            token = row.tokens[at]
            if token.cents is not None or token.day is not None:
                if _lost_its_colon(row, start, at):
                    yield start, at - 1
                start = at + 1
            elif token.text.endswith(":"):
                first = start if start == begin else _behind_value(row.tokens, start, at)
                if first is not None and _may_be_key(row.tokens[first : at + 1]):
                    yield first, at
                    start = at + 1
        begin += len(run)
        if _lost_its_colon(row, start, begin):
            yield start, begin - 1


def _lost_its_colon(row: Row, start: int, end: int) -> bool:
    """Whether words of a scan before a gap or a value are a key, its colon not read.

    Another key of the row has its colon, and the words to their last one name something.
    """
    words = row.tokens[start:end]
    if row.source == "text_layer" or not words or end == len(row.tokens):
        return False
    if len(words) > _KEY_WORDS or any(c.isdigit() for word in words for c in word.text):
        return False
    keyed = any(token.text.endswith(":") for token in row.tokens)
    return keyed and _named(_text(words))[0] is not None


def _may_be_key(words: Sequence[Token]) -> bool:
    """Whether words are no part of a code with a colon in it, nor a sentence."""
    short = len(words) == 1 and len(words[0].text) <= _OF_A_CODE
    return len(words) <= _KEY_WORDS and not (short and _named(_text(words))[0] is None)


def _behind_value(row: Sequence[Token], start: int, last: int) -> int | None:
    """Where a key begins that stands close behind a value: the longest name that is known."""
    first = max(start, last - _KEY_WORDS + 1)
    figures = (at for at in range(first, last) if any(c.isdigit() for c in row[at].text))
    first = max((at + 1 for at in figures), default=first)
    return next((at for at in range(first, last + 1) if _named(_text(row[at : last + 1]))[0]), None)


def _text(row: Sequence[Token]) -> str:
    return " ".join(token.text for token in row).rstrip(" :.")


def _value(row: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens up to the next wide gap, without specks before them."""
    kept: list[Token] = []
    for token in row:
        if not kept and not any(char.isalnum() for char in token.text):
            continue
        if kept and token.left - kept[-1].right > _VALUE_GAP * max(token.height, kept[-1].height):
            break
        kept.append(token)
    return tuple(kept)


def _likely(key: str) -> str | None:
    """The amount of a service that a key with letters misread names: ``Line Alowed``."""
    role = likely_role(re.sub(r"^\W*\w+\W+", "", key))
    return role if role in MONEY else None


@lru_cache(maxsize=8192)
def _named(key: str) -> tuple[str | None, Scope]:
    """What a key names: ``Line Charge`` a service's charge, ``Claim Status`` a status."""
    words = tuple(tokens(key))
    if words in _STATUS:
        return "status", "claim"
    bare = words[1:] if words[:1] and words[0] in _WHOSE else words
    if bare in _NAME_PARTS:
        return _NAME_PARTS[bare], "claim"
    whole = known_role(key)
    if whole in CLAIM_LABELS:
        return whole, "claim"
    if whole in _DAYS and not _OF_NO_SERVICE.isdisjoint(words):
        return None, "either"
    if len(words) < 2 or words[0] not in _OF_CLAIMS | _OF_LINES:
        return whole or column_role(key), "either"
    rest = re.sub(r"^\W*\w+\W+", "", key)
    role = whole or known_role(rest) or column_role(rest)
    scope: Scope = "claim" if words[0] in _OF_CLAIMS else "line"
    return (None if role in CLAIM_LABELS else role), scope
