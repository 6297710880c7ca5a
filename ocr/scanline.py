"""The coupon's scanline and barcode payload: account, statement, amount due, one check digit.

``<account 10> <statement 10> <cents 8><mod-10 check over the 28 digits before>`` in OCR-A, and
``OLB1*<account>*<statement>*<cents>`` as Code 128 or QR.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocr.values import luhn_digit, luhn_valid

DIGITS = 29
GROUPS = (10, 10, 9)
"""Digits between the line's two blanks."""
_PAYLOAD = re.compile(r"^OLB1\*(?P<account>[A-Z0-9]{1,20})\*(?P<statement>[A-Z0-9]{1,20})"
                      r"\*(?P<cents>\d{1,9})$")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CouponNumbers:
    """What a coupon's machine-readable print says."""

    account_number: str
    statement_number: str
    amount_due_cents: int


def scanline(numbers: CouponNumbers) -> str:
    """The line as printed; ValueError for numbers that are not ten digits or eight of cents."""
    account, statement = numbers.account_number, numbers.statement_number
    if not all(re.fullmatch(r"\d{10}", text) for text in (account, statement)):
        raise ValueError("a scanline takes account and statement numbers of ten digits")
    if not 0 <= numbers.amount_due_cents < 10**8:
        raise ValueError("a scanline takes amounts from 0 to 999,999.99")
    body = f"{account}{statement}{numbers.amount_due_cents:08d}"
    return f"{account} {statement} {body[20:]}{luhn_digit(body)}"


def parse_scanline(text: str) -> CouponNumbers | None:
    """The numbers of a line whose 29 digits pass the check; spaces do not count."""
    digits = re.sub(r"\s", "", text)
    if len(digits) != DIGITS or not luhn_valid(digits):
        return None
    return CouponNumbers(digits[:10], digits[10:20], int(digits[20:28]))


def payload(numbers: CouponNumbers) -> str:
    """What the coupon's barcode holds."""
    return f"OLB1*{numbers.account_number}*{numbers.statement_number}*{numbers.amount_due_cents}"


def parse_payload(text: str) -> CouponNumbers | None:
    """The numbers of a barcode of ours, None for another's."""
    match = _PAYLOAD.match(text.strip())
    if match is None:
        return None
    return CouponNumbers(match["account"], match["statement"], int(match["cents"]))
