"""Money as whole cents: exact, ordered, and never made from a float."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_DOLLARS = re.compile(
    r"^\s*(?P<sign>-|\()?\s*\$?\s*(?P<whole>\d{1,3}(?:,\d{3})+|\d*)"
    r"(?:\.(?P<cents>\d{1,2}))?\s*(?P<close>\))?\s*$",
    re.ASCII,  # other scripts' digits are digits to Python, and to nobody who reads a check here
)

# What JSON, JavaScript and a database's integers all hold exactly; no bank has more.
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in US cents; negative for money that went back."""

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"Money takes whole cents as int, not {type(self.cents).__name__}")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read ``1,234.50``, ``$12``, ``-3.5`` or ``(3.50)``; raise ValueError for all else.

        An amount of more than 15 digits, cents included, is none either.
        """
        match = _DOLLARS.match(text)
        if match is None or not (match["whole"] or match["cents"]):
            raise ValueError(f"not an amount of dollars: {text!r}")
        if (match["sign"] == "(") != (match["close"] is not None):
            raise ValueError(f"unbalanced parenthesis in amount: {text!r}")
        digits = (match["whole"] or "0").replace(",", "").lstrip("0")
        if len(digits) + 2 > _MOST_DIGITS:
            raise ValueError(f"more than {_MOST_DIGITS} digits of cents in an amount")
        whole = int(digits or "0")
        cents = int((match["cents"] or "0").ljust(2, "0"))
        total = whole * 100 + cents
        return cls(-total if match["sign"] else total)

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Money:
        """The sum of any number of amounts, zero for none."""
        return cls(sum(amount.cents for amount in amounts))

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    def plain(self) -> str:
        """``-1234.50``: for files other programs read."""
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02d}"

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        return f"{sign}${abs(self.cents) // 100:,}.{abs(self.cents) % 100:02d}"
