"""Whose a taught layout is: the payer's own words on the page, and sums that do not gainsay it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from ocr.remittance_cells import ServiceLine
from ocr.remittance_sums import adds_up

# What any payer may be called, in the field's words: alone they name none.
_GENERAL = frozenset(
    re.findall(
        r"\w+",
        """
        a an and of for the in by to inc llc co corp corporation company companies ltd limited
        health healthcare care medical dental vision life plan plans insurance insurer assurance
        accident mutual benefit benefits group service services administrator administrators
        administration administrative management managed network employee employees employer fund
        trust provider providers payer payor payment payments claim claims explanation remittance
        advice statement notice eob ppo hmo tpa department dept office center association
        """,
    )
)
_PAYER_ALIKE = 85.0  # of 100, of the whole name
_WORD_ALIKE = 80.0  # a word with a letter misread
_MOST_AGAINST = 0.5  # of the lines whose amounts prove or gainsay each other
_WORD = re.compile(r"[a-z0-9%#]+")
_OTHERS = ("allowed_cents", "patient_responsibility_cents", "discount", "not_covered",
           "deductible", "coinsurance", "copay", "shared_cost", "adjusted")  # fmt: skip


def own_words(payer: str) -> tuple[str, ...]:
    """The words of a name that few payers have; empty where it names nobody (``HEALTH PLAN``)."""
    said = [word for word in _words(payer) if re.search(r"[a-z]", word) and len(word) > 1]
    return tuple(word for word in said if word not in _GENERAL)


def is_named(payer: str, text: str) -> bool:
    """Whether a page's text names the payer: the whole name, and each word that is its own."""
    own, said = own_words(payer), _words(text)
    if not own or fuzz.partial_ratio(" ".join(_words(payer)), " ".join(said)) < _PAYER_ALIKE:
        return False
    return all(any(fuzz.ratio(word, other) >= _WORD_ALIKE for other in set(said)) for word in own)


def is_other(payer: str, read: str) -> bool:
    """Whether the name that a page's letterhead was read as is another payer's."""
    if not own_words(read):
        return False
    return fuzz.ratio(" ".join(_words(payer)), " ".join(_words(read))) < _PAYER_ALIKE


def gainsaid(lines: Sequence[ServiceLine]) -> bool:
    """Whether most lines that could prove their columns contradict them.

    Only lines of a charge, a payment and an amount between them can.
    """
    telling = [
        line for line in lines
        if {"charged_cents", "paid_cents"} <= line.money.keys()
        and (line.reasons or any(name in line.money for name in _OTHERS))
    ]  # fmt: skip
    against = sum(not adds_up(line) for line in telling)
    return against > _MOST_AGAINST * len(telling)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
