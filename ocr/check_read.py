"""One value read on a check: what it is, where it stands, and the signs that speak for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.types import Box, Pixels
from ocr.check_layout import Row, Sheet, writing
from ocr.engine import Engines, LineText
from ocr.types import Alternative

_FLOOR = 1e-4  # a reader's probability below this says no more than "no"


@dataclass(frozen=True, slots=True)
class Read:
    """A value in crop pixels; ``signs`` are what its confidence was reckoned from."""

    value: Any
    confidence: float
    box: Box
    source: str
    alternatives: tuple[Alternative, ...] = ()
    signs: Mapping[str, float] = field(default_factory=dict)


def line_at(sheet: Sheet, box: Box, engines: Engines) -> tuple[LineText, Box] | None:
    """What the line recogniser reads in ``box``, and the tight box around it; None without ink."""
    found = written_at(sheet, box)
    return None if found is None else (engines.line.read_line(found[0]), found[1])


def written_at(sheet: Sheet, box: Box) -> tuple[Pixels, Box] | None:
    """The writing in ``box`` as a crop, and the tight box around it; None for specks."""
    found = writing(sheet.clean, box)
    return None if found is None or found[1][2] < 14 or found[1][3] < 10 else found


def line_signs(line: LineText) -> dict[str, float]:
    """How surely the recogniser read its characters."""
    return text_signs(line.text, line.probabilities)


def row_signs(row: Row) -> dict[str, float]:
    """The same of printed words, as the page reader gives them."""
    return text_signs(row.text, [word.confidence for word in row.words])


def text_signs(text: str, sure: Sequence[float]) -> dict[str, float]:
    """Least, mean and total sureness, and how much of the text is unlike words people write."""
    logs = [math.log(max(_FLOOR, one)) for one in sure] or [math.log(_FLOOR)]
    words = text.split()
    return {
        "least": math.exp(min(logs)),
        "total": sum(logs),
        "mean": sum(logs) / len(logs),
        "length": float(len(text)),
        "odd": sum(map(_is_odd, words)) / max(1, len(words)),
    }


def _is_odd(word: str) -> bool:
    """Letters and digits mixed, capitals after small letters, or signs inside a word."""
    bare = word.strip(".,:;'\"()-&#")
    letters, digits = sum(map(str.isalpha, bare)), sum(map(str.isdigit, bare))
    if letters and digits:
        return True
    if letters and letters + bare.count("'") + bare.count("-") + bare.count(".") < len(bare):
        return True
    small = [place for place, char in enumerate(bare) if char.islower()]
    late = [place for place, char in enumerate(bare) if char.isupper()]
    mixed = bool(small and late and late[-1] > small[0])
    return mixed and not bare.startswith(("Mc", "Mac", "De", "Di", "La", "O'", "Van"))
