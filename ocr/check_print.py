"""The printed words of a check as phrases and blocks, and which phrase is a form's label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from ocr.check_layout import INCH, Row, Sheet

_GAP = 1.6  # heights between words that stand apart
_LEAST_GAP = 0.12
_LABEL = re.compile(
    r"^\W*(?:pay\b|to\s+the\b|order\b|of\b|date|memo|for\b|dollars?\b|amount|void\b|"
    r"check\s*(?:no|num)|"
    r"no\.?$|number|authori[sz]ed|signature|purchaser|remitter|sender|from\b|address|drawer|"
    r"year\W+month|not\s+valid|non-?negotiable|security|details|see\s+back|this\s+(?:check|document))",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"money\s*order|cashier|official\s+check|teller|certified|treasury|postal\s+service|"
    r"^\W*united\s+states\W*$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\$\W*[0-9,]*[.,][0-9]{2}\b|\$$|/\s*100\b|\bdollars?\b|\bcents?\b|\*\*\*|"
    r"\bhundred\b|\bthousand\b",
    re.IGNORECASE,
)
_STREET = re.compile(r"^\W*(?:[0-9]+[A-Z]?\s+\S|p\.?\s*o\.?\s*(?:box|drawer)\b)", re.IGNORECASE)
_TOWN = re.compile(
    r"\b[A-Z]{2}\.?,?\s+[0-9OIl]{5,6}(?:-[0-9]{4})?\b|\b[0-9]{5}(?:-[0-9]{4})?\W*$|"
    r"\b[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9]\b|,\s*(?:state|[A-Z]{2})\s+[0-9]{5}",
    re.IGNORECASE,
)
_BANK = re.compile(
    r"\b(?:bank|bancorp|banc|credit\s+union|f\.?c\.?u|savings|trust|federal|national\s+association|"
    r"n\.\s?a\.?|caisse|b\.?m\.?o)\b|\bbank",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that stand under each other, left-aligned or centred, as an address does."""

    rows: tuple[Row, ...]

    @property
    def street(self) -> bool:
        """Whether a row names a street or a box."""
        return any(_STREET.search(row.text) for row in self.rows)

    @property
    def town(self) -> int | None:
        """Which row ends in a state and a ZIP or postal code."""
        return next((k for k, row in enumerate(self.rows) if _TOWN.search(row.text)), None)


def is_label(text: str) -> bool:
    """Whether a phrase belongs to the form: what stands there is asked for, not said."""
    return bool(_LABEL.search(text))


def is_title(text: str) -> bool:
    """Whether a phrase names the kind of instrument."""
    return bool(_TITLE.search(text))


def is_amount(text: str) -> bool:
    """Whether a phrase is about money."""
    return bool(_AMOUNT.search(text))


def is_street(text: str) -> bool:
    """Whether a phrase is a street and number or a box."""
    return bool(_STREET.search(text))


def names_bank(text: str) -> bool:
    """Whether a phrase has a word that banks have in their names."""
    return bool(_BANK.search(text))


def phrases(sheet: Sheet) -> tuple[Row, ...]:
    """The sheet's rows, parted where words stand apart, top to bottom."""
    found: list[Row] = []
    for row in sheet.rows:
        tall = sorted(word.box[3] for word in row.words)[len(row.words) // 2]
        part = [row.words[0]]
        for before, after in pairwise(row.words):
            gap = after.box[0] - (before.box[0] + before.box[2])
            if gap > max(_GAP * tall, _LEAST_GAP * INCH):
                found.append(Row(tuple(part)))
                part = []
            part.append(after)
        found.append(Row(tuple(part)))
    return tuple(sorted(found, key=lambda row: row.box[1]))


def blocks(rows: tuple[Row, ...]) -> tuple[Block, ...]:
    """Phrases gathered into blocks; a phrase that no other follows is a block of one row."""
    grown: list[list[Row]] = []
    for row in rows:
        x, y, width, height = row.box
        best: tuple[float, list[Row]] | None = None
        for block in grown:
            a, b, wide, high = block[-1].box
            gap = y - (b + high)
            left, middle = abs(x - a), abs((x + width / 2) - (a + wide / 2))
            aligned = min(left, abs(x - block[0].box[0])) <= 0.1 * INCH or middle <= 0.08 * INCH
            if aligned and -0.4 * height <= gap <= 1.5 * max(height, high) and row is not block[-1]:
                score = gap + min(left, middle)
                if best is None or score < best[0]:
                    best = (score, block)
        if best is None:
            grown.append([row])
        else:
            best[1].append(row)
    return tuple(Block(tuple(block)) for block in grown)


def letters(row: Row) -> int:
    """How many letters a phrase has."""
    return sum(map(str.isalpha, row.text))


def sureness(row: Row) -> float:
    """The least confidence among a phrase's words."""
    return min(word.confidence for word in row.words)
