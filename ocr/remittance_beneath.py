"""Reasons printed in rows of their own beneath a service: ``Reason 45: 12.00. Words of it.``"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.claim_codes import from_print, reason_of_words
from ocr.remittance_cells import Reason
from ocr.remittance_lines import coded
from ocr.remittance_rows import Row, Token

_STRIPPED = " ,;:().=*[]|-\u2013\u2014"
_QUOTES = "'\"\u2018\u2019`"
_GROUPED = re.compile(r"^(C[O0]|PR|[O0]A|P[I1]|CR)-?[A-Z]?\d{1,3}$")
_GROUP = frozenset({"CO", "PR", "OA", "PI", "CR"})
_NUMBER = re.compile(r"^[A-Z]?\d{1,3}$")
_SAID = 0.99  # of a code that the words beside it tell as well: it is printed twice
_FEWEST_LETTERS = 6  # of the words beside a bare number
_OPENS = frozenset({
    "reason", "reasons", "adjustment", "adj", "adjusted", "code", "carc", "rsn", "adjustments",
    "denial", "remark", "note", "message", "explanation", "ex", "eob", "cas",
})  # fmt: skip


def reasons_beneath(row: Row, legend: Mapping[str, str]) -> list[Reason]:
    """The reasons of a row that holds codes with their amounts and words; empty when none."""
    if not row.amounts or any(token.day for token in row.tokens):
        return []
    found: list[Reason] = []
    codes = _codes(row, legend)
    for number, (after, code) in enumerate(codes):
        end = codes[number + 1][0] if number + 1 < len(codes) else len(row.tokens)
        amounts = [token for token in row.tokens[after:end] if token.cents is not None]
        if len(amounts) != 1:
            return []
        sure = min(token.confidence for token in row.tokens[max(0, after - 2) : after])
        found.append(coded(code, row.field(amounts[0].cents, amounts), legend, sure))
    return said_in_words(row, found) if len(found) == len(row.amounts) else []


def said_in_words(row: Row, found: Sequence[Reason]) -> list[Reason]:
    """The reasons of a row of their own, surer where its words tell the code's meaning as well.

    ``Coinsurance   PR 2   20.00``: it is printed twice, as with a legend.
    """
    if len(found) != 1 or found[0].unknown:
        return list(found)
    bare = (token.text.strip(_STRIPPED + _QUOTES) for token in row.tokens if token.cents is None)
    words = " ".join(word for word in bare if word.isalpha())
    same = reason_of_words(words) == found[0].code
    return [replace(found[0], sure=max(found[0].sure, _SAID))] if same else list(found)


def _codes(row: Row, legend: Mapping[str, str]) -> list[tuple[int, str]]:
    """Codes as printed, each with the place of the word behind it."""
    found: list[tuple[int, str]] = []
    tokens = row.tokens
    opened = tokens[0].text.strip(_STRIPPED).lower() in _OPENS
    for at, token in enumerate(tokens):
        text = _bare(token)
        if token.cents is not None:
            continue
        if _GROUPED.match(text):
            found.append((at + 1, text))
        elif text in _GROUP and at + 1 < len(tokens) and _NUMBER.match(_bare(tokens[at + 1])):
            found.append((at + 2, f"{text}-{_bare(tokens[at + 1])}"))
    if found:
        return found
    at = next((n for n, t in enumerate(tokens) if _bare(t).lower() not in _OPENS), 0)
    first = _bare(tokens[at])
    known = from_print(first, legend)
    if tokens[at].cents is not None or known is None or known.remark:
        return []
    if known.unknown or not (first in legend or _NUMBER.match(first)):
        return []
    beside = at + 1 < len(tokens) and tokens[at + 1].cents is not None
    words = " ".join(token.text for token in tokens[at + 1 :] if token.cents is None)
    told = beside and sum(c.isalpha() for c in words) >= _FEWEST_LETTERS
    same = reason_of_words(words) == known.code
    return [(at + 1, first)] if opened or told or same else []


def _bare(token: Token) -> str:
    return token.text.strip(_STRIPPED).upper()
