"""Numbers, names and references as Open Dental's JSON holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable


def marked(said: str, refs: Iterable[str]) -> bool:
    """Whether a note names one of these references as a whole word."""
    return any(re.search(rf"(?<![\w-]){re.escape(ref)}(?![\w-])", said) for ref in refs if ref)


def number_of(said: object) -> int | None:
    """A row's number, above zero, from text or number."""
    if isinstance(said, bool) or not isinstance(said, str | int):
        return None
    text = str(said).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return int(text) or None


def same_name(one: str, other: str) -> bool:
    """Whether two last names have the same letters."""
    first, second = (re.sub(r"[\W_]", "", name).casefold() for name in (one, other))
    return bool(first) and first == second
