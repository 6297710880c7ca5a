"""Whether a check is made out to us: the payee as read against an office's acceptable names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import token_sort_ratio

from matching.names import plain

# Words that every practice has in its name say nothing of whose check this is.
_PLAIN_WORDS = (
    "DENTAL DENTISTRY DENTIST MEDICAL MEDICINE HEALTH CLINIC CARE CENTER FAMILY GROUP PRACTICE "
    "ASSOCIATES ORTHODONTICS SMILES OFFICE OFFICES PHYSICIANS PARTNERS INC LLC PC PLLC PA CO CORP "
    "DR DDS DMD MD THE OF AND FOR AT"
)
_COMMON = frozenset(_PLAIN_WORDS.split())
_CLOSE = 0.7
_WHOLE = 85.0


@dataclass(frozen=True, slots=True)
class Payee:
    """An office as payers know it: the names that checks to it bear, and its NPI."""

    names: tuple[str, ...] = ()
    npi: str = ""

    def knows(self, name: str, npi: str) -> bool:
        """Whether what a payer calls the payee is this office, by its number or its name."""
        return bool(npi and npi == self.npi) or bool(name and is_ours(name, self.names))


def is_another(name: str, npi: str, ours: Payee, others: Sequence[Payee]) -> bool:
    """Whether a payee is another office of the group and not this one.

    Where both have an NPI of their own it tells, for two offices may share a name; else the name
    does.
    """
    if npi and npi == ours.npi:
        return False
    if npi and ours.npi and any(npi == other.npi for other in others):
        return True
    return not ours.knows(name, npi) and any(other.knows(name, npi) for other in others)


def is_ours(payee: str, acceptable: Sequence[str]) -> bool:
    """Whether ``payee`` names one of the ``acceptable`` payees, as people write and readers read.

    Half of its distinctive words must be ours, give or take a letter or two; a payee of common
    words alone must resemble a whole name.
    """
    read = _words(payee)
    telling = [word for word in read if word not in _COMMON and len(word) > 1]
    for name in acceptable:
        if token_sort_ratio(" ".join(read), " ".join(_words(name))) >= _WHOLE:
            return True
        known = [word for word in _words(name) if word not in _COMMON]
        hits = sum(any(_same(word, other) for other in known) for word in telling)
        if telling and known and hits * 2 >= len(telling):
            return True
    return False


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z0-9]+", plain(text))


def _same(one: str, other: str) -> bool:
    return OSA.normalized_similarity(one, other) >= _CLOSE
