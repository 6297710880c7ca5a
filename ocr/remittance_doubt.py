"""What makes a name or number on a remittance doubtful: its look, and where its label stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ocr.remittance_rows import Row, Token

ID_LABELS = frozenset({
    "tin", "fein", "ein", "npi", "ssn", "upin", "dea", "tax", "taxpayer", "id", "number",
    "address", "phone", "fax",
})  # fmt: skip
"""Words that make a party's label one of its numbers: ``Provider TIN``, ``Pay-to NPI``."""
_STATE_CODES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY"
)
_STATES = frozenset(re.findall(r"\w+", _STATE_CODES))
_TITLES = frozenset({"MD", "DO", "DDS", "DMD", "DPM", "DC", "NP", "PA", "PAC", "RN", "APRN", "CRNA",
                     "FNP", "LCSW", "PHD", "PSYD", "OD", "PT"})  # fmt: skip
_OF_PLACES = frozenset({
    "clinic", "hospital", "center", "centre", "associates", "medicine", "dentistry", "pharmacy",
    "laboratory", "bank", "avenue", "ave", "blvd", "boulevard", "suite", "box", "practice",
})  # fmt: skip
_OF_LABELS = frozenset({
    "tin", "fein", "ein", "npi", "bill", "received", "review", "reviewed", "explanation", "claim",
    "claims", "patient", "member", "provider", "account", "number", "date", "name", "page", "payee",
    "payer", "payment", "check", "total", "plan", "benefits", "injury", "address", "tax", "group",
})  # fmt: skip
_SMALL = frozenset({"de", "del", "la", "van", "von", "der", "den", "di", "da", "dos", "du", "ter",
                    "ten", "el", "al", "bin", "and", "of", "y"})  # fmt: skip
_OTHERS = frozenset({"your", "provider's", "other", "prior", "previous", "original", "related",
                     "former"})  # fmt: skip
_FAR = 14.0  # heights between a label and its value, from where another column may be meant


def no_person(text: str) -> bool:
    """Whether words are not plainly a patient's name: a town, a place, a doctor, a label."""
    words = [word.strip(",.;:()") for word in text.split()]
    if len(words) < 2 or any(c.isdigit() for c in text):
        return True
    last = words[-1]
    mixed = any(not word.isupper() for word in words[:-1])
    if last.upper() in _TITLES | _STATES and (mixed and last.isupper()):
        return True
    return any(w.lower() in _OF_LABELS | _OF_PLACES for w in words) or _spoken(words)


def no_provider(text: str) -> bool:
    """Whether words are a label or a sentence and not who rendered a service."""
    words = [word.strip(",.;:()") for word in text.split()]
    labels = sum(word.lower() in _OF_LABELS for word in words)
    return 2 * labels >= len(words) or _spoken(words)


def _spoken(words: Sequence[str]) -> bool:
    """Whether a word is written as in a sentence."""
    return any(word[:1].islower() and word.lower() not in _SMALL for word in words)


def is_town(tokens: Sequence[Token]) -> bool:
    """Whether words are the last line of an address: a town, its state, perhaps the ZIP code."""
    words = [token.text.strip(",.;:") for token in tokens]
    for word, after in pairwise([*words, ""]):
        if word in _STATES and re.fullmatch(r"\d{5}(-?\d{4})?", after):
            return True
    return len(words) >= 2 and words[-1] in _STATES and not words[-2].isupper()


def is_place(tokens: Sequence[Token]) -> bool:
    """Whether words name a practice or are part of its address."""
    words = {token.text.strip(",.;:").lower() for token in tokens}
    return bool(words & _OF_PLACES) or is_town(tokens)


def doubted_in(row: Row, values: Mapping[str, Sequence[Token]]) -> set[str]:
    """The roles whose value stands far right of its label, or whose label tells of another's."""
    found = set()
    for role, tokens in values.items():
        at = row.tokens.index(tokens[0]) if tokens and tokens[0] in row.tokens else 0
        if not at:
            continue
        before = row.tokens[at - 1]
        if tokens[0].left - before.right > _FAR * max(before.height, tokens[0].height):
            found.add(role)
        label = {t.text.lower().strip(":.,") for t in row.tokens[max(at - 4, 0) : at]}
        if role == "claim_number" and label & _OTHERS:
            found.add(role)
    return found
