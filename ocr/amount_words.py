"""The legal amount: number words as a recogniser spells them, decoded to cents.

A best path through the letters over the forty number words, misspellings priced by edit
distance, then the grammar of English numbers, then the cents in any of their usual forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

_UNITS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES: dict[str, int] = {word: number for number, word in enumerate(_UNITS, 1)}
_VALUES |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
_VALUES |= {"fourty": 40, "ninty": 90, "zero": 0}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_SILENT = ("and", "dollars", "dollar", "only", "exactly", "even", "us", "cents", "cent")
_LEXICON = (*_VALUES, *_SCALES, *_SILENT)

_PRINTED = re.compile(
    r"pay\s*this\s*amount|pay\s*to\s*the|order\s*of|^\s*amount\b|^\s*pay\b|the\s*sum\s*of",
    re.IGNORECASE,
)
_HUNDREDTHS = r"[1l|i!][0o°]{2}|xx|[0o]{2}"
_FRACTION = re.compile(
    rf"(?P<part>[0-9]{{1,2}}|xx|no|[0o]{{2}}|[0o°]{{1,2}})\s*[/\\|\-]\s*(?:{_HUNDREDTHS})(?![0-9])",
    re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(r"(?<![0-9])(?P<part>[0-9]{2})\s?[1l|][0o]{2}(?![0-9])")
_CENTS = re.compile(
    r"(?P<part>[0-9]{1,2}|no|xx|[0o]{2}|zero)\s*(?:c[eo]nts?|cts?\b|ce[nm]ts?|¢)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class WordsAmount:
    """What a line of words says. ``cents`` is None when no cents were written or read.

    ``fit`` is 1 for spelling as in the book, falling with every letter changed or left over.
    """

    dollars: int
    cents: int | None
    fit: float

    @property
    def total(self) -> int | None:
        """The amount in cents, None while the cents are not known."""
        return None if self.cents is None else 100 * self.dollars + self.cents


def parse_words(text: str) -> WordsAmount | None:
    """Decode one line, e.g. ``One hundred ond trentyfive dollsrs`` is 125; None when it is none."""
    line = _PRINTED.sub(" ", text.replace("*", " ").replace("=", "-"))
    line, cents = _take_cents(line)
    letters = re.sub(r"[^a-z ]+", " ", line.lower())
    letters = re.sub(r"\s+", " ", letters).strip()
    if not 2 < len(letters) <= 110:
        return None
    used = max(1, len(letters.replace(" ", "")))
    known: list[tuple[float, int]] = []
    for cost, words in _paths(letters):
        value = _number(words)
        if value is not None and any(word in _VALUES for word in words):
            known.append((cost, value))
    if not known:
        return None
    cost, value = known[0]
    # Another number nearly as cheap means that the spelling does not decide.
    rival = next((other for other, number in known if number != value), cost + 2.0)
    fit = max(0.0, 1.0 - 1.6 * cost / used) * min(1.0, 0.6 + 0.4 * (rival - cost))
    return WordsAmount(value, cents, round(fit, 4)) if fit > 0.2 else None


def _take_cents(line: str) -> tuple[str, int | None]:
    """Cut the cents off: the text before them, and how many (None: none were read)."""
    for pattern in (_FRACTION, _CENTS, _RUN_TOGETHER):
        found = list(pattern.finditer(line))
        if found:
            part = found[-1]["part"].lower()
            cents = int(part) if part.isdigit() and len(part) == 2 else _worded_part(part)
            if part.isdigit() and len(part) == 1:
                cents = int(part)
            return line[: found[-1].start()], cents
    return re.sub(r"[0-9].*$", " ", line), None


def _worded_part(part: str) -> int | None:
    return 0 if part in {"xx", "no", "oo", "o0", "0o", "00", "o", "zero", "°", "°°"} else None


_Path = tuple[float, tuple[str, ...]]
_KEPT = 8


def _paths(letters: str) -> list[_Path]:
    """The cheapest splits of the letters into known words and junk, costs in letters."""
    size = len(letters)
    best: list[list[_Path]] = [[(0.0, ())], *([] for _ in range(size))]
    for start in range(size):
        here = sorted(set(best[start]))[:_KEPT]
        if not here:
            continue
        skip = 0.0 if letters[start] == " " else 0.75
        best[start + 1] += [(cost + skip, words) for cost, words in here]
        if letters[start] == " ":
            continue
        inside = 0.3 if start > 0 and letters[start - 1] != " " else 0.0
        for word in _LEXICON:
            for end, extra in _fits(letters, start, word):
                best[end] += [(cost + inside + extra, (*words, word)) for cost, words in here]
    return sorted(set(best[size]))[:_KEPT]


def _fits(letters: str, start: int, word: str) -> list[tuple[int, float]]:
    """Where the word could end if it begins at ``start``, and what its misspelling costs."""
    slack = 1 if len(word) <= 4 else 2
    limit = 0.34 * len(word) if len(word) > 3 else 1.0
    found = []
    for end in range(start + max(2, len(word) - slack), start + len(word) + slack + 1):
        if end > len(letters):
            break
        piece = letters[start:end]
        if piece[-1] == " ":
            continue
        bare = piece.replace(" ", "")
        distance = Levenshtein.distance(bare, word) + 0.4 * (len(piece) - len(bare))
        if distance <= limit:
            tail = 0.3 if end < len(letters) and letters[end] != " " else 0.0
            found.append((end, distance + tail))
    return found


def _number(words: tuple[str, ...]) -> int | None:
    """The number that the words say, None when they are no well-formed number."""
    total = 0
    group: int | None = None
    last_scale = 10**9
    for word in words:
        if word in _SILENT:
            continue
        if word in _VALUES:
            group = _joined(group, _VALUES[word])
            if group is None:
                return None
            continue
        scale = _SCALES[word]
        if group is None or group == 0:
            return None
        if scale == 100:
            if group >= 100:
                return None
            group *= 100
            continue
        if scale >= last_scale:
            return None
        total, last_scale, group = total + group * scale, scale, None
    if group is None and total == 0:
        return None
    value = total + (group or 0)
    return value if value <= 9_999_999 else None


def _joined(group: int | None, value: int) -> int | None:
    """Add a unit or ten to what stands of its group; None when English does not allow it."""
    if group is None:
        return value
    if group % 100 == 0 and group > 0:
        return group + value
    if group % 10 == 0 and group % 100 >= 20 and 0 < value < 10:
        return group + value
    return None
