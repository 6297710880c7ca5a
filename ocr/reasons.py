"""Why mail came back: endorsement text to the normalised codes of the returned-mail taxonomy.

The label texts are those of DMM 507 Exhibit 1.4.1 and of carriers' stamps; abbreviations count
only inside a stamp or label, where nothing else is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

# Code, texts to compare with, abbreviations.
_TABLE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("new_address",
     ("NOTIFY SENDER OF NEW ADDRESS", "FORWARD TIME EXP RTN TO SEND",
      "FORWARDING TIME EXPIRED NEW ADDRESS"), ()),
    ("moved_no_address",
     ("MOVED LEFT NO ADDRESS", "MOVED LEFT NO FORWARDING ADDRESS", "MOVED NOT FORWARDABLE"),
     ("MLNA",)),
    ("box_closed", ("BOX CLOSED - NO ORDER", "BOX CLOSED", "PO BOX CLOSED"), ("BCNO",)),
    ("temp_away", ("TEMPORARILY AWAY",), ("TA",)),
    ("attempted_not_known",
     ("ATTEMPTED - NOT KNOWN", "ATTEMPTED UNKNOWN", "ADDRESSEE UNKNOWN", "NOT KNOWN"), ("ANK",)),
    ("insufficient",
     ("INSUFFICIENT ADDRESS", "RETURNED FOR BETTER ADDRESS", "NO APARTMENT NUMBER"),
     ("IA", "RBA")),
    ("no_such_number", ("NO SUCH NUMBER",), ("NSN",)),
    ("no_such_street", ("NO SUCH STREET",), ("NSS",)),
    ("not_deliverable_utf",
     ("NOT DELIVERABLE AS ADDRESSED", "NOT DELIVERABLE AS ADDRESSED - UNABLE TO FORWARD",
      "UNDELIVERABLE AS ADDRESSED", "FORWARDING ORDER EXPIRED", "FORWARDING TIME EXPIRED",
      "NO SUCH OFFICE", "OUTSIDE DELIVERY LIMITS", "FORWARDING EXPIRED"),
     ("UTF", "NDA", "FOE")),
    ("no_receptacle", ("NO MAIL RECEPTACLE", "NO RECEPTACLE"), ("NMR",)),
    ("vacant", ("VACANT",), ("VAC",)),
    ("unclaimed", ("UNCLAIMED",), ("UNC",)),
    ("refused", ("REFUSED",), ("REF",)),
    ("deceased", ("DECEASED", "ADDRESSEE DECEASED"), ("DEC",)),
    ("in_dispute", ("IN DISPUTE",), ("DIS",)),
    ("illegible", ("ILLEGIBLE", "ADDRESS ILLEGIBLE"), ("ILL",)),
    ("cmra_suspended",
     ("DELIVERY SUSPENDED TO COMMERCIAL MAIL RECEIVING AGENCY", "DELIVERY SUSPENDED TO CMRA"), ()),
    ("postage", ("RETURNED FOR POSTAGE", "RETURNED FOR INSUFFICIENT POSTAGE"), ()),
)  # fmt: skip
_HANDWRITTEN = (
    "NOT AT THIS ADDRESS", "NO LONGER AT THIS ADDRESS", "WRONG PERSON", "WRONG ADDRESS",
    "DOES NOT LIVE HERE", "NO LONGER LIVES HERE", "DOESNT LIVE HERE", "MOVED", "MOVED AWAY",
    "RTS", "NOT HERE", "UNKNOWN PERSON",
)  # fmt: skip
OPENED = (
    "OPENED BY MISTAKE", "OPENED IN ERROR", "OPENED BY ACCIDENT", "OPENED BY MISTAKE NOT MINE",
    "ABIERTO POR ERROR",
)  # fmt: skip
"""What somebody writes who opened another's mail: a privacy matter, whoever moved or not."""
_FRAME = ("RETURN TO SENDER", "UNABLE TO FORWARD", "RETURN TO WRITER")
CODES: tuple[str, ...] = (*(code for code, _, _ in _TABLE), "sender_handwritten", "unknown", "none")

_LEAST = 75.0
_LEAST_SHORT = 86.0  # one word alone is soon alike to another
_MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class Match:
    """A reason a line of print names: its code, the label's own text, 0 to 100 how alike."""

    code: str
    label: str
    score: float


def plain(text: str) -> str:
    """Capital letters, single spaces and hyphens; what else OCR saw before the words is cut.

    A tick box reads as one or two odd characters, so such tokens at the ends are dropped.
    """
    words = re.sub(r"[^A-Z0-9 \-]", " ", text.upper()).split()
    while words and (len(words[0]) <= 2 and words[0] not in {"NO", "IN", "PO"}):
        words = words[1:]
    while words and (len(words[-1]) <= 1 or words[-1].isdigit()):
        words = words[:-1]
    return " ".join(re.sub(r"[0-9]", "", word) or "-" for word in words).strip(" -")


def match_reason(text: str) -> Match | None:
    """The reason a line names, None when nothing is alike enough or two are as alike."""
    line = plain(text)
    if len(line) < 5:
        return None
    scored = sorted(
        ((fuzz.ratio(line, label), code, label) for code, labels, _ in _TABLE for label in labels),
        reverse=True,
    )
    score, code, label = scored[0]
    other = next((s for s, c, _ in scored if c != code), 0.0)
    least = _LEAST if " " in label else _LEAST_SHORT
    if score < least or (score < 100.0 and score - other < _MARGIN):
        return None
    return Match(code, label, float(score))


def match_abbreviation(text: str) -> Match | None:
    """A code's abbreviation alone in a cell of a stamp: ``ANK``, ``UTF``."""
    word = re.sub(r"[^A-Z]", "", text.upper())
    for code, _, abbreviations in _TABLE:
        if word in abbreviations and len(word) >= 2:
            return Match(code, word, 100.0)
    return None


def match_handwritten(text: str) -> Match | None:
    """What the present occupant writes on a piece: at this address, but not for this person."""
    line = plain(text)
    best = max((fuzz.ratio(line, phrase), phrase) for phrase in (*_HANDWRITTEN, *OPENED))
    if len(line) < 3 or best[0] < (_LEAST if " " in best[1] else 90.0):
        return None
    return Match("sender_handwritten", best[1], float(best[0]))


def is_frame(text: str) -> bool:
    """Whether a line is the part that all endorsements share: ``RETURN TO SENDER``."""
    line = plain(text)
    return len(line) >= 8 and any(fuzz.ratio(line, frame) >= 80 for frame in _FRAME)
