"""What people type into the cells of a remittance, read into the contract's values. Pure."""

from __future__ import annotations

import re
from typing import Any

from matching.remittance_grid import Column
from ocr import claim_codes
from ocr.values import parse_date
from records.money import Money

_GROUPS = "CO|CR|OA|PI|PR"
_GROUP = re.compile(rf"^({_GROUPS})$")
_BOTH = re.compile(rf"^({_GROUPS})-?([A-Z]?\d{{1,3}}|[A-Z]{{1,2}}\d{{1,3}})$")
_CODE = re.compile(r"^[A-Z0-9*#]{1,8}$")
_LONGEST = 200
_UPPER = {"procedure_code", "code", "status"}


class NotTypedError(ValueError):
    """A text that is no value of its column; the message says what to type."""


def value_of(column: Column, text: str) -> Any:
    """The value of a text: None (lists: empty) where it is blank.

    Raises NotTypedError with what to type instead.
    """
    clean = " ".join(text.split())
    if len(clean) > _LONGEST:
        raise NotTypedError(f"{column.label}: more than {_LONGEST} letters.")
    if column.kind in {"codes", "adjustments"}:
        return adjustments(column, clean) if column.kind == "adjustments" else _codes(clean)
    if not clean:
        return None
    if column.kind == "money":
        return _cents(column, clean)
    if column.kind == "date":
        return _day(column, clean)
    return clean.upper() if column.name in _UPPER else clean


def adjustments(column: Column, text: str) -> list[dict[str, Any]]:
    """``CO-45 20.00, PR1 12.5, 45 3`` as the contract's list; a code of no list is unknown.

    A code alone takes the group that its meaning leaves, none where it leaves several.
    """
    words = [word.rstrip(",;") for word in text.upper().split()]
    words = [word for word in words if word]
    found: list[dict[str, Any]] = []
    while words:
        group, code = _coded(column, words)
        if not words:
            raise NotTypedError(f"{column.label}: {code} has no amount. Type it as CO-45 20.00.")
        entry: dict[str, Any] = {
            "group": group, "code": code, "amount_cents": _cents(column, words.pop(0)),
        }  # fmt: skip
        found.append(entry if claim_codes.is_reason(code) else {**entry, "unknown": True})
    return found


def _coded(column: Column, words: list[str]) -> tuple[str | None, str]:
    """The group and code at the front of ``words``, taken from it."""
    first = words.pop(0)
    if both := _BOTH.match(first):
        return both[1], both[2]
    if _GROUP.match(first) and words and _CODE.match(words[0]):
        return first, words.pop(0)
    if _CODE.match(first):
        return claim_codes.group_of(first), first
    raise NotTypedError(f"{column.label}: {first} is no code. Type it as CO-45 20.00.")


def _codes(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text.upper()) if word]


def _cents(column: Column, text: str) -> int:
    try:
        return Money.parse(text).cents
    except ValueError as error:
        raise NotTypedError(f"{column.label}: {text} is no amount. Type it as 12.50.") from error


def _day(column: Column, text: str) -> str:
    found = parse_date(text)
    if found is None:
        raise NotTypedError(f"{column.label}: {text} is no date. Type it as 3/9/2026.")
    return found
