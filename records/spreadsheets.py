"""Text that goes into a spreadsheet's cell and must stay text."""

from __future__ import annotations

from typing import Final

BEGIN_FORMULAS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, in full width as well (OWASP)."""


def plain(text: str) -> str:
    """The text on one line, with an apostrophe before what would begin a formula."""
    cleaned = " ".join(text.split())
    return f"'{cleaned}" if cleaned.startswith(BEGIN_FORMULAS) else cleaned
