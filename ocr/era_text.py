"""Text and numbers as an 835 may hold them: its characters, its widths, its segments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from ocr.x12 import decimal
from records.errors import FindingError

# The extended character set of the guides (appendix B) less the delimiters that we write with.
_OTHER = re.compile(r"[^A-Z0-9 !\"&'()+,\-./;?=%@\[\]_{}\\|<>#$]")


def clean(value: object) -> str:
    """Text in the guides' characters: upper case, accents taken off, single spaces."""
    plain = unicodedata.normalize("NFKD", str(value if value is not None else "").upper())
    kept = "".join(symbol for symbol in plain if not unicodedata.combining(symbol))
    return " ".join(_OTHER.sub(" ", kept).split())


def number(value: object, most: int, what: str) -> str:
    """An identifier whole: FindingError ``too_long`` rather than a cut one, which is another."""
    text = clean(value)
    if len(text) > most:
        raise FindingError(
            "too_long",
            f"The {what} has {len(text)} characters; an 835 of this version takes {most}.",
            "Correct it, or write the newer version.",
        )
    return text


def day(value: object) -> str:
    """An ISO date as CCYYMMDD."""
    return str(value or "").replace("-", "")


def money(value: Any) -> str:
    """Cents as an X12 decimal."""
    return decimal(int(value or 0))


def joined(segment: Sequence[str]) -> str:
    """A segment as text, without the empty elements at its end."""
    parts = list(segment)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return "*".join(parts)
