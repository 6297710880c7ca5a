"""Names of insurers as checks, EOBs and 835s print them: how alike two of them are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from matching.names import plain, skeleton

Likeness = Literal["same", "alike", "unknown", "different"]

_WORD = re.compile(r"[A-Z0-9]+")
_FILLING = frozenset([
    "THE", "OF", "AND", "CO", "COMPANY", "INC", "LLC", "CORP", "CORPORATION", "LTD", "LP", "PLC",
    "NA", "USA", "US", "AMERICA", "ASSN", "ASSOCIATION", "GROUP", "SERVICE", "SERVICES",
])  # fmt: skip
# What many insurers bear in their name: alone it tells none of them from another.
_TRADE = frozenset([
    "INSURANCE", "INS", "ASSURANCE", "BENEFIT", "BENEFITS", "HEALTH", "HEALTHCARE", "CARE", "PLAN",
    "PLANS", "DENTAL", "VISION", "LIFE", "MUTUAL", "ADMINISTRATORS", "ADMINISTRATOR", "CLAIMS",
    "NATIONAL", "EMPLOYEE", "EMPLOYEES", "FUND", "TRUST", "WELFARE", "MEDICAL", "COVERAGE",
])  # fmt: skip
_SURE = frozenset([
    "INSURANCE", "ASSURANCE", "BENEFITS", "MEDICARE", "MEDICAID", "TRICARE", "ADMINISTRATORS",
    "HEALTHPLAN", "HEALTHCARE", "AETNA", "CIGNA", "METLIFE", "HUMANA", "GUARDIAN",
    "UNITEDHEALTHCARE", "ANTHEM", "AMERITAS", "PRINCIPAL", "KAISER", "SUNLIFE", "LINCOLN", "UHC",
    "BCBS",
])  # fmt: skip
_PAIRS = (("DELTA", "DENTAL"), ("BLUE", "CROSS"), ("BLUE", "SHIELD"), ("HEALTH", "PLAN"),
          ("LIFE", "INS"), ("DENTAL", "PLAN"), ("HEALTH", "NET"), ("SUN", "LIFE"))  # fmt: skip


def is_insurer(name: str) -> bool:
    """Whether a payer's name is that of an insurer by its own words."""
    words = _WORD.findall(plain(name))
    return bool(_SURE & set(words)) or any(set(pair) <= set(words) for pair in _PAIRS)


@lru_cache(maxsize=16_384)
def likeness(one: str, other: str) -> Likeness:
    """How alike two payers' names are; ``unknown`` where one of them is not there.

    ``Delta Dental of Ohio`` and ``DELTA DENTAL PLAN OF OHIO INC`` are the same; Delta Dental of
    two states are alike; what has no telling word in common is different.
    """
    mine, theirs = _telling(one), _telling(other)
    if not mine or not theirs:
        return "unknown"
    if _squeezed(mine) == _squeezed(theirs):
        return "same"
    left = {word for word in mine if not _among(word, theirs)}
    right = {word for word in theirs if not _among(word, mine)}
    common = len(mine) - len(left)
    if common and (not left or not right):
        return "same" if len(left | right) <= 1 else "alike"
    if common:
        return "alike"
    return "alike" if _is_initials(mine, theirs) or _is_initials(theirs, mine) else "different"


def same_words(one: str, other: str) -> bool:
    """Whether two names are of the same telling words, letter by letter."""
    mine, theirs = _telling(one), _telling(other)
    return bool(mine) and set(mine) == set(theirs)


def _telling(name: str) -> tuple[str, ...]:
    """The words that tell an insurer; those of the trade where it has no other."""
    words = [word for word in _WORD.findall(plain(name)) if word not in _FILLING]
    telling = [word for word in words if word not in _TRADE]
    return tuple(dict.fromkeys(telling or words))


def _squeezed(words: tuple[str, ...]) -> str:
    return skeleton("".join(words))


def _among(word: str, words: tuple[str, ...]) -> bool:
    """Whether a word is there, a letter in six misread at most."""
    mine = skeleton(word)
    return any(
        mine == skeleton(each)
        or (len(word) > 4 and OSA.distance(mine, skeleton(each)) <= max(1, len(word) // 6))
        for each in words
    )


def _is_initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return len(short) == 1 and len(long) > 1 and short[0] == "".join(word[0] for word in long)
