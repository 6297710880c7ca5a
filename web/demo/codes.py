"""Check digits and the codes printed on paper: Luhn, ABA, amounts in words, scanlines."""

from __future__ import annotations

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_ABA_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


def luhn_digit(body: str) -> str:
    """The mod-10 check digit (ISO/IEC 7812-1, annex B) to put after ``body``."""
    total = 0
    for place, symbol in enumerate(reversed(body)):
        digit = int(symbol) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def luhn_valid(number: str) -> bool:
    """Whether the last digit of ``number`` is the Luhn check of the others."""
    return number.isdigit() and len(number) > 1 and luhn_digit(number[:-1]) == number[-1]


def aba_number(first_eight: str) -> str:
    """A nine-digit routing number whose ABA checksum (3-7-1 weights) holds."""
    total = sum(
        weight * int(digit) for weight, digit in zip(_ABA_WEIGHTS, first_eight, strict=False)
    )
    return first_eight + str(-total % 10)


def aba_valid(number: str) -> bool:
    """Whether nine digits satisfy the ABA checksum and start with a prefix in use."""
    if len(number) != 9 or not number.isdigit():
        return False
    prefix = int(number[:2])
    known = prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72 or prefix == 80
    total = sum(weight * int(digit) for weight, digit in zip(_ABA_WEIGHTS, number, strict=True))
    return known and total % 10 == 0


def number_words(number: int, *, hyphen: bool = True) -> str:
    """``4125`` as ``four thousand one hundred twenty-five``; 0 to 999,999."""
    if not 0 <= number <= 999_999:
        raise ValueError(f"no words for {number}")
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        joint = "-" if hyphen else " "
        return _TENS[tens] + (joint + _ONES[ones] if ones else "")
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, unit)
    words = f"{number_words(head, hyphen=hyphen)} {name}"
    return words + (f" {number_words(rest, hyphen=hyphen)}" if rest else "")


def dollars(cents: int, *, comma: bool = True) -> str:
    """``123456`` as ``1,234.56``."""
    whole, part = divmod(cents, 100)
    return f"{whole:,}.{part:02d}" if comma else f"{whole}.{part:02d}"


def coupon_scanline(account_number: str, statement_number: str, due_cents: int) -> str:
    """Account, statement and amount due in eight digits, closed by one Luhn digit over them all."""
    body = f"{account_number}{statement_number}{due_cents:08d}"
    return f"{account_number} {statement_number} {due_cents:08d}{luhn_digit(body)}"


def coupon_payload(account_number: str, statement_number: str, due_cents: int) -> str:
    """What the coupon's barcode holds."""
    return f"OLB1*{account_number}*{statement_number}*{due_cents}"
