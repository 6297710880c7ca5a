"""What kind of movement a bank line is: by its BAI2 type code, else by its own words."""

from __future__ import annotations

import re

from deposits.bank.types import Direction, LineKind

# Codes that name a kind for certain. The "any type" codes (108, 409 and the like) and all others
# are left to the text, since banks hide returned checks and fees under them.
_BY_CODE: dict[str, LineKind] = {
    **dict.fromkeys(("115", "116"), "lockbox_deposit"),
    **dict.fromkeys(("173", "174", "175", "176", "187", "301"), "deposit"),
    **dict.fromkeys(("118", "172", "189", "252", "254", "268", "552", "554", "568", "694", "695"),
                    "correction"),
    **dict.fromkeys(("555", "557", "566"), "returned_item"),
    **dict.fromkeys(("564", "567", "661", "698"), "fee"),
    **dict.fromkeys(("142", "143", "145", "147", "163", "164", "165", "166", "169", "191", "195",
                     "206", "208"), "eft_credit"),
}  # fmt: skip

_RETURNED = re.compile(
    r"\b(?:RETURN(?:ED)?|RET|RTN|RTD|RTND)\b[\s\-:/.]*(?:DEP(?:OSIT(?:ED)?)?\b[\s\-]*)?"
    r"(?:CHE(?:CK|QUE)S?|CHQS?|CKS?|CHKS?|ITEMS?|DEPOSIT(?:ED)?|DEP|NSF|UNKNOWN)\b"
    r"|\b(?:CHE(?:CK|QUE)|CHQ|CK|CHK|DEP(?:OSIT(?:ED)?)?|ITEM)S?\b[\s\-]*(?:ITEMS?\b[\s\-]*)?"
    r"\b(?:RETURN(?:ED)?|RET|RTN|RTD|RTND)\b"
    r"|\bCHARGE\s?BACK\b|\bNSF\b|\bINSUFF(?:ICIENT)?\b.*\bFUNDS\b"
)
_FEE = re.compile(
    r"\b(?:FEES?|SERVICE\s+CH(?:AR)?GE?S?|SERVICE\s+CHRG|SVC\s+CHR?G|SRVC?\s*CHR?G|CHARGES?"
    r"|CHRG|MAINTENANCE|ANALYSIS)\b"
)
_CORRECTION = re.compile(r"\b(?:DEP(?:OSIT)?|ENCOD\w*)\b.*\b(?:CORR(?:ECTION)?|ADJ\w*|ERROR)\b")
_LOCKBOX = re.compile(r"\bLOCK\s?BOX\b")
_EFT = re.compile(
    r"\b(?:ACH|HCCLAIMPMT|EFT|WIRE|CCD|CTX|FED\s?WIRE|TRN\*1)\b|TRN\*1\*|DIRECT\s+DEP(?:OSIT)?"
)
_DEPOSIT = re.compile(
    r"\b(?:(?:REMOTE|MOBILE|BRANCH|COUNTER|CHECK|COMMERCIAL|REGULAR|CUSTOMER)\s+)?DEPOSITS?\b|\bDEP\b"
)


def kind_of_code(code: str, direction: Direction, text: str) -> LineKind:
    """The kind by a BAI2 type code; an any-type or unknown code is read by its text.

    A lockbox, deposit or electronic kind needs a credit; a code that says nothing certain and a
    text that says nothing give ``other``, never a guess.
    """
    known = _BY_CODE.get(code)
    return known if known is not None else kind_of_text(text, direction)


def kind_of_text(text: str, direction: Direction) -> LineKind:
    """The kind by the bank's words: a fee about a return is a fee, not a return."""
    words = text.upper()
    if direction == "debit":
        if _FEE.search(words):
            return "fee"
        if _RETURNED.search(words):
            return "returned_item"
        return "correction" if _CORRECTION.search(words) else "other"
    if _CORRECTION.search(words):
        return "correction"
    if _LOCKBOX.search(words):
        return "lockbox_deposit"
    if _EFT.search(words):
        return "eft_credit"
    if _RETURNED.search(words):
        return "other"
    return "deposit" if _DEPOSIT.search(words) else "other"
