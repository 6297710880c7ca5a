"""What several readers of one word together make of it, and how sure it is then."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from intake.types import Word
from ocr.cell_forms import Form, agree, alike, folded, form_of, grouped, printed, value_of
from ocr.engine import LineText

OUTVOTED, ALONE, UNCLEAR, UNSURE = 0.99, 0.8, 0.55, 0.5
"""How often a word is right that two of three have so; that the best of three alone has so; that
two have so whose print is not clear; that they all have differently."""

CLEAR = 0.95
"""From which of its own probability the line recogniser is right of a whole text."""

_STRANGE = re.compile(r"[^\x00-\x7f]|[&@%?<>=+^\\]")
_NEARLY = 0.8
_WITH_POINT = 1.8  # heights wide: more than two figures


@dataclass(frozen=True, slots=True)
class Seen:
    """What each reader takes a word for."""

    form: Form
    page: str
    network: str
    recogniser: str | None = None
    sure: float = 0.0  # the network, of all letters and figures

    @property
    def plain(self) -> bool:
        """Whether the network is sure of every letter and figure."""
        return self.sure >= CLEAR

    @property
    def borne_out(self) -> bool:
        """Whether the recogniser has what the network is sure of in every letter and figure.

        What the page's engine made of it counts for nothing then: of 298 codes and days of scans
        that it had otherwise these two had none wrong (``bench/train/CELLS.md``).
        """
        read = (self.network, self.recogniser or "")
        one, other = (_bare(grouped(text) or text) for text in read)
        return self.plain and agree(self.form, one, other)


def clear(read: LineText, told_by: Callable[[str], bool] = str.isalnum) -> bool:
    """Whether a reader is sure of all letters and figures, whatever marks are between."""
    return sureness(read, told_by) >= CLEAR


def sureness(read: LineText, told_by: Callable[[str], bool] = str.isalnum) -> float:
    """How sure a reader is of all letters and figures, whatever marks are between."""
    told = zip(read.text, read.probabilities, strict=True)
    return math.prod(sure for char, sure in told if told_by(char))


def figures(text: str) -> str:
    """The figures of a text alone."""
    return "".join(char for char in text if char.isdigit())


def may_be_cents(word: Word) -> bool:
    """Whether two figures are so wide that a point before them may have been lost."""
    _, _, width, height = word.box
    return len(word.text) == 2 and word.text.isdigit() and width >= _WITH_POINT * height


def _lost_sign(page: str, other: str) -> bool:
    """Whether a sign that no number has stands in it where another reader sees nothing.

    It was a letter in bad print: ``¥26210257321`` for E26210257321, of which a reader has figures
    alone.
    """
    return _STRANGE.search(page) is not None and len(_bare(other)) < len(page.strip())


def _bare(text: str) -> str:
    """A text without its spaces."""
    return "".join(text.split())


def decided(word: Word, seen: Seen, last: LineText) -> Word:
    """The word as two of three readers have it; else as the best of them, and not sure.

    No sum proves a date or a code: two outvote the third only where the print is plain to the
    recogniser (``last``) or the network is sure of what both have, or its figures where all three
    differ in nothing but letters that look like figures.
    Where they differ only in letters that look like figures, a reason's group settles them.
    """
    third = seen.recogniser or ""
    if seen.form == "code" and _lost_sign(seen.page, third):
        return Word(printed("code", third) if third else word.text, word.box, UNSURE)
    same = seen.form == "code" and folded(seen.page) == folded(seen.network) == folded(third)
    plain = clear(last, str.isdigit if same else str.isalnum)
    two = OUTVOTED if plain or seen.borne_out or seen.form == "amount" else UNCLEAR
    if seen.form == "code" and any(alike("code", third, o) for o in (seen.page, seen.network)):
        groups = [grouped(text) for text in (third, seen.page, seen.network) if text[:1].isalpha()]
        if groups and groups[0] is not None:
            return Word(groups[0], word.box, two)
    for other in (seen.page, seen.network):
        if alike(seen.form, third, other):
            return Word(printed(seen.form, third), word.box, two)
    if seen.form == "code":
        whole = form_of(third)
        if whole in {"amount", "date"} and value_of(whole, third) is not None:
            return Word(printed(whole, third), word.box, UNSURE)
    best = _likeliest(seen, last)
    if best is None:
        return Word(word.text, word.box, min(word.confidence, UNSURE))
    most = UNSURE if seen.form == "code" else ALONE
    return Word(printed(seen.form, best), word.box, min(word.confidence, most))


def _likeliest(seen: Seen, last: LineText) -> str | None:
    """The network's reading of a word that all have differently, or the recogniser's.

    Where figures have run full of ink and the network is nearly sure, the others were mostly wrong.
    """
    own = seen.sure >= _NEARLY and not clear(last)
    for text in (seen.network, last.text) if own else (last.text,):
        if value_of(seen.form, text) is not None:
            return text
    return None
