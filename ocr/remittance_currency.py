"""Currency signs of a scan that were read as a figure or a letter: ``S118.86`` for $118.86."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_rows import Row, Token, cents_in

_LIKE = re.compile(r"([S58])(\d[\d,]*\.\d\d)")
_FEWEST, _MOST = 8, 0.6  # amounts of a page that bear the sign, and their share of all
_UNSURE = 0.5  # the sign may have been lost before a figure: sums have to prove which


def with_signs(rows: Sequence[Row]) -> list[Row]:
    """The rows of a scanned page with what stands for the sign taken off its amounts.

    Only where most amounts of the page bear it, from those that do not.
    """
    amounts = [t.text for row in rows for t in row.amounts if row.source != "text_layer"]
    signed = sum("$" in text[:3] for text in amounts)
    if signed < _FEWEST or signed < _MOST * len(amounts):
        return list(rows)
    return [replace(row, tokens=tuple(map(_unsigned, row.tokens))) for row in rows]


def _unsigned(token: Token) -> Token:
    match = _LIKE.fullmatch(token.text)
    if match is None:
        return token
    sure = min(_UNSURE, token.confidence) if match[1] != "S" else token.confidence
    return replace(token, text=match[2], cents=cents_in(match[2]), confidence=sure)
