"""Money that a payment keeps back or adds outside of any claim, in its many printed forms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.remittance_cells import Taken
from ocr.remittance_rows import Row, Token

_TAKEN = re.compile(
    r"provider[- ]?(level )?adj|^plb\b|over-?payment|recover|recoup|with-?h[eo]ld|off-?set|"
    r"interest|take-?back|forward(ing)? balance|balance (forward|brought)|prior (payment|balance)|"
    r"refund|\blevy\b|garnish|advance|penalty|incentive|capitation|settlement|lien|"
    r"adjustments? (to|of|from) (the |this )?(payment|provider|check)|deducted from|"
    r"amount (deducted|applied|withheld)|previous(ly)? (paid|over)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"provider[- ]?(level )?adj(ustment)?s?\b|adjustments? (to|of) (the |this )?(payment|provider)|"
    r"take-?backs?|recoupments?|financial adjustments?|other adjustments?|offsets?|"
    r"payment adjustments?|withholdings?|non-?claim",
    re.IGNORECASE,
)
_SUBTRACTED = re.compile(r"\bsubtracted\b", re.IGNORECASE)
_SUM = re.compile(r"\b(sub)?totals?\b|\bnet\b|amount (of )?(check|payment)|check amount",
                  re.IGNORECASE)  # fmt: skip
_PLB_CODE = re.compile(
    r"^(50|51|72|90|A[HMP]|B[23DN]|C[5RSTVW]|DM|E3|F[BC]|GO|HM|I[PRS]|J1|L[36ES]|O[AB]|P[IL]|"
    r"R[AE]|SL|TL|W[OU])$"
)
_REFERENCE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9./-]{3,29}", re.IGNORECASE)
_ADDS = re.compile(
    r"interest|incentive|bonus|refund to|advance payment|late payment", re.IGNORECASE
)
_BY_WORDS = (
    (re.compile(r"interest", re.IGNORECASE), "L6"),
    (re.compile(r"over-?payment|recoup|take-?back|recover", re.IGNORECASE), "WO"),
    (re.compile(r"forward|brought|carried", re.IGNORECASE), "FB"),
)


class Takebacks:
    """Finds provider adjustments row by row; knows when a block of them is open."""

    def __init__(self) -> None:
        self.open = False
        self._subtracted = False  # the heading says so: printed with the sign that PLB has

    def opens(self, row: Row) -> bool:
        """Whether the row is the heading of a block of them."""
        if row.amounts or not _OPENS.search(row.text) or len(row.tokens) > 8:
            return False
        self.open, self._subtracted = True, _SUBTRACTED.search(row.text) is not None
        return True

    def read(self, row: Row) -> Taken | None:
        """The adjustment that a row holds, None when it holds none."""
        named = _TAKEN.search(row.text) is not None
        if not (named or self.open) or len(row.amounts) != 1:
            return None
        if _SUM.search(row.text):
            self.open = False
            return None
        (amount,) = row.amounts
        rest = [token for token in row.tokens if token is not amount]
        codes = [t for t in rest if _PLB_CODE.match(_bare(t))]
        references = [t for t in rest if _is_reference(t) and t not in codes]
        if not named and not codes and not references:
            return None
        return _taken(row, amount, codes, references, as_plb=self.open and self._subtracted)


def names_reference(row: Row) -> bool:
    """Whether a row of one amount says what it refers to, and is no sum by its words."""
    return not _SUM.search(row.text) and any(
        token.cents is None and _is_reference(token) for token in row.tokens
    )


def as_taken(row: Row) -> Taken:
    """What a row of one amount keeps back, or adds, whatever its words are."""
    (amount,) = row.amounts
    rest = [token for token in row.tokens if token is not amount]
    codes = [t for t in rest if _PLB_CODE.match(_bare(t))]
    references = [t for t in rest if _is_reference(t) and t not in codes]
    return _taken(row, amount, codes, references, as_plb=False)


def _bare(token: Token) -> str:
    return token.text.strip(" ,;:()[]")


def _is_reference(token: Token) -> bool:
    text = _bare(token)
    return token.day is None and bool(_REFERENCE.fullmatch(text)) and not _PLB_CODE.match(text)


def _taken(
    row: Row,
    amount: Token,
    codes: Sequence[Token],
    references: Sequence[Token],
    *,
    as_plb: bool,
) -> Taken:
    printed = amount.cents or 0
    adds = _ADDS.search(row.text) is not None
    # A page prints what the payment loses with a minus, or says so in words; PLB counts a loss
    # as positive.
    cents = printed if as_plb or not (printed < 0 or adds) else -printed
    code = _bare(codes[0]) if codes else _code_of(row.text)
    reference = references[-1] if references else None
    return Taken(
        code,
        row.field(cents, [amount]),
        None if reference is None else row.field(_bare(reference), [reference]),
    )


def _code_of(text: str) -> str | None:
    return next((code for words, code in _BY_WORDS if words.search(text)), None)
