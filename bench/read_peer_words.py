"""An amount in words for readers that give plain text: nearest words of English numbers."""

from __future__ import annotations

import re
from difflib import get_close_matches

_VALUES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_FRACTION = re.compile(r"(\d\d|no|xx)\s*/\s*1?\w\w\b", re.IGNORECASE)


def cents_of_words(text: str) -> int | None:
    """``One hundred ond five & 50/100`` is 10550 cents; None when no number is found."""
    match = _FRACTION.search(text)
    part = int(match[1]) if match and match[1].isdigit() else 0
    head = text[: match.start()] if match else text
    total = group = 0
    found = False
    for word in re.findall(r"[a-z]+", head.lower()):
        near = get_close_matches(word, _VALUES, 1, 0.75) if len(word) > 2 else []
        if not near:
            continue
        found = True
        value = _VALUES[near[0]]
        if value == 1000:
            total, group = total + 1000 * max(1, group), 0
        elif value == 100:
            group = 100 * max(1, group)
        else:
            group += value
    return 100 * (total + group) + part if found and total + group else None
