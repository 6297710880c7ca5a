"""What else a page with a MICR line may be: a deposit slip, a coupon, a form, a gift certificate.

Banks print their line on deposit slips and lenders on coupons, so that the line alone makes no
page a check. What is printed above it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ocr.types import Kind

_ALIKE = 88.0
# Each with the kind it speaks for, and how much of the kind's name it is worth.
_SAID: tuple[tuple[str, Kind, int], ...] = (
    ("DEPOSIT SLIP", "deposit_slip", 2),
    ("DEPOSIT TICKET", "deposit_slip", 2),
    ("TOTAL DEPOSIT", "deposit_slip", 1),
    ("LESS CASH", "deposit_slip", 1),
    ("CASH RECEIVED", "deposit_slip", 1),
    ("PAYMENT COUPON", "coupon", 2),
    ("AMOUNT ENCLOSED", "coupon", 1),
    ("RETURN WITH YOUR PAYMENT", "coupon", 1),
    ("MAKE CHECKS PAYABLE", "coupon", 1),
    ("DIRECT DEPOSIT AUTHORIZATION", "unknown", 2),
    ("AUTHORIZATION FOR DIRECT DEPOSIT", "unknown", 2),
    ("ATTACH A VOIDED CHECK", "unknown", 1),
    ("NOT A CHECK", "unknown", 2),
    ("NON NEGOTIABLE", "unknown", 2),
    ("NOT NEGOTIABLE", "unknown", 2),
    ("NO CASH VALUE", "unknown", 2),
    ("GIFT CERTIFICATE", "unknown", 2),
    ("REBATE VOUCHER", "unknown", 2),
)
_ENOUGH = 2
_RECEIPT = re.compile(r"^\W*(?:sales\s+|gift\s+|cash\s+)?receipt\W*$", re.IGNORECASE)
_ORDER = ("PAY TO THE", "ORDER OF")
_LABELS = re.compile(
    r"\b(?:pay|order|dollars?|date|memo|amount|exactly|payable|remitter|cashier'?s?|drawer|"
    r"authorized|signature|bank|void\s+after|money\s+order|treasury)\b|\$\s*\d|\d\s*/\s*1[0oO]{2}|"
    r"\b\d{1,2}/\d{1,2}/\d{2,4}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why a page with a MICR line may be no check, and as what it is then read.

    ``kind`` is ``check`` where it may well be one and a person decides.
    """

    kind: Kind
    why: str


def unlike_check(rows: Sequence[str], *, amount_seen: bool) -> Likeness | None:
    """What speaks against a check in its printed rows; None for what has a check's print.

    ``amount_seen`` says that an amount was read in figures or words, which stands for its label.
    """
    said = [re.sub(r"[^A-Z0-9]+", " ", row.upper()).strip() for row in rows]
    weights: dict[Kind, int] = {}
    heard: dict[Kind, str] = {}
    for phrase, kind, weight in _SAID:
        if any(_says(row, phrase) for row in said):
            weights[kind] = weights.get(kind, 0) + weight
            heard.setdefault(kind, phrase.lower())
    if any(_RECEIPT.match(row) for row in rows):
        weights["unknown"] = weights.get("unknown", 0) + _ENOUGH
        heard.setdefault("unknown", "receipt")
    ordered = any(_says(row, phrase) for row in said for phrase in _ORDER)
    if max(weights.values(), default=0) >= _ENOUGH:
        kind = max(weights, key=lambda name: weights[name])
        # A sample of a check, or its stub beside it, says so too: a person decides.
        may_be = ordered or (kind == "unknown" and amount_seen)
        return Likeness("check" if may_be else kind, f"it says {heard[kind]!r}")
    if amount_seen or ordered or any(_LABELS.search(row) for row in rows):
        return None
    return Likeness("check", "nothing above its MICR line says what a check says")


def _says(row: str, phrase: str) -> bool:
    if phrase in row:
        return True
    if len(phrase) < 10 or len(row) < len(phrase):
        return False
    return fuzz.partial_ratio(phrase, row, score_cutoff=_ALIKE) > 0
