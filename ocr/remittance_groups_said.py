"""Groups of reasons (CAS01) in words before a reason's number: ``Patient Responsibility 2:``."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

_GROUPS = {
    "contractual obligation": "CO", "contractual obligations": "CO",
    "patient responsibility": "PR", "other adjustment": "OA", "other adjustments": "OA",
    "payer initiated": "PI",
}  # fmt: skip
_NUMBERED = re.compile(r"([A-Za-z]+ [A-Za-z]+) ([A-Z]?\d{1,3}):?", re.IGNORECASE)
_LETTERS_OFF = 2  # of a group's words on a scan, at most: no other group's are so near


@lru_cache(maxsize=4096)
def code_said(text: str) -> str | None:
    """A reason's code with its group in words as ``CO-45``, few letters of the words misread."""
    numbered = _NUMBERED.fullmatch(text)
    if numbered is None:
        return None
    words = numbered[1].lower()
    apart, name = min((Levenshtein.distance(words, each), each) for each in _GROUPS)
    return f"{_GROUPS[name]}-{numbered[2]}" if apart <= _LETTERS_OFF else None
