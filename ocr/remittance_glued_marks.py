"""Letters behind the amounts of a scan that were read as a third figure: ``58.538`` for 58.53 S."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ocr.remittance_rows import Row, Token, cents_in

_THREE = re.compile(r"(\$?\d[\d,]*\.\d\d)(\d)\.?")
_ENDED = re.compile(r"(\$?\d[\d,]*\.\d\d)([A-Z])\.")
_LIKE = {"0": "DOQ", "1": "IL", "2": "Z", "5": "S", "6": "G", "8": "SB", "9": "G"}
_AMOUNT = 0.5  # readers differ on what no amount has; sums have to prove it
_MARK = 0.7  # no amount has a third figure, and one letter of the legend alone looks like it


def with_marks(rows: Sequence[Row], legend: Collection[str]) -> list[Row]:
    """A scan's rows with each amount and the mark that hangs on it as two words.

    Only marks of one letter that the ``legend`` explains, where the figure looks like just one.
    """
    letters = frozenset(code for code in legend if len(code) == 1 and code.isalpha())
    if not letters:
        return list(rows)
    return [_parted(row, letters) if row.source != "text_layer" else row for row in rows]


def _parted(row: Row, letters: Collection[str]) -> Row:
    tokens = tuple(part for token in row.tokens for part in _parts(token, letters))
    return row if len(tokens) == len(row.tokens) else replace(row, tokens=tokens)


def _parts(token: Token, letters: Collection[str]) -> Iterator[Token]:
    text = token.text
    amount, mark = "", ""
    if token.cents is None and (match := _THREE.fullmatch(text)):
        alike = [letter for letter in _LIKE.get(match[2], "") if letter in letters]
        amount, mark = match[1], alike[0] if len(alike) == 1 else ""
    elif (match := _ENDED.fullmatch(text)) and match[2] in letters:
        amount, mark = match[1], match[2]
    if not mark:
        yield token
        return
    cut = token.left + (token.right - token.left) * len(amount) / (len(amount) + 1)
    sure = max(_AMOUNT, token.confidence)
    yield replace(token, text=amount, right=cut, cents=cents_in(amount), confidence=sure)
    yield replace(token, text=mark, left=cut, cents=None, confidence=max(_MARK, token.confidence))
