"""A reason's code and its amount that a scan's readers took for one: ``CO 4520.00`` for CO 45."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ocr.remittance_rows import Row, Token, cents_in

_GROUPS = {"CO": "CO", "C0": "CO", "OA": "CO", "0A": "CO", "PI": "CO", "PR": "PR"}
# Only codes common enough to be sure of, none of a group the beginning of another with it.
_CODES = {"CO": "45|96|97|23|29|18", "PR": "1|2|3|96"}
_AMOUNT = r"((?:[1-9][\d,]*|0)\.\d\d)"
_NEAR = 2.2  # heights between a group and what stands behind it


def with_codes(rows: Sequence[Row]) -> list[Row]:
    """A scan's rows with the code that a group has to have before its amount as a word."""
    return [_parted(row) if row.source != "text_layer" else row for row in rows]


def _parted(row: Row) -> Row:
    tokens = tuple(_parts(row.tokens))
    return row if len(tokens) == len(row.tokens) else replace(row, tokens=tokens)


def _parts(tokens: Sequence[Token]) -> Iterator[Token]:
    for at, token in enumerate(tokens):
        found = _split(tokens[at - 1], token) if at else None
        if found is None:
            yield token
            continue
        code, amount = found
        cut = token.left + (token.right - token.left) * len(code) / (len(code) + len(amount) + 1)
        yield replace(token, text=code, right=cut, cents=None)
        yield replace(token, text=amount, left=cut, cents=cents_in(amount))


def _split(before: Token, token: Token) -> tuple[str, str] | None:
    """The code and the amount of a word behind a group that has none; None where it is not that."""
    group = _GROUPS.get(before.text.strip(" ,;:()-").upper())
    far = token.left - before.right > _NEAR * max(token.height, before.height)
    if group is None or token.cents is None or far:
        return None
    match = re.fullmatch(rf"(\(?)({_CODES[group]}){_AMOUNT}(\)?)", token.text)
    if match is None or not cents_in(match[3]):
        return None
    return match[2], f"{match[1]}{match[3]}{match[4]}"
