"""The account and statement numbers that people write in the memo of a check."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{0,3}[-#]?)?[0-9OolISB][0-9OolISB\- ]{3,}[0-9OolISB]"
)
_LIKE_DIGITS = str.maketrans("OoQlI|SB", "00011158")
_FEWEST, _MOST = 4, 20


@dataclass(frozen=True, slots=True)
class NumberInMemo:
    """A run of digits in a memo that may be an account or statement number."""

    digits: str
    confidence: float


def numbers_in(text: str, confidence: float) -> tuple[NumberInMemo, ...]:
    """Runs of 4 to 20 digits in a memo, blanks and dashes left out, longest first.

    Letters that look like digits are taken for them inside a run that has more digits than
    letters; such a number is believed half as much. ``confidence`` is the memo's own; a number
    cannot be surer than the text it stands in, save that the words around it do not matter.
    """
    found = []
    for match in _NUMBER.finditer(text):
        run = match[0].split("#")[-1].strip(" -")
        run = re.sub(r"^[A-Za-z]{1,3}-(?=[0-9])", "", run)
        plain = re.sub(r"[ \-]", "", run)
        digits = plain.translate(_LIKE_DIGITS)
        digits = re.sub(r"^[A-Za-z]+", "", digits)
        if not digits.isdigit() or not _FEWEST <= len(digits) <= _MOST:
            continue
        changed = sum(map(str.isalpha, plain))
        if 2 * changed >= len(plain):
            continue
        share = len(match[0]) / max(1, len(text))
        sure = confidence ** max(0.3, share) if confidence > 0 else 0.0
        found.append(NumberInMemo(digits, round(sure * (0.5 if changed else 1.0), 4)))
    return tuple(sorted(found, key=lambda number: -len(number.digits)))
