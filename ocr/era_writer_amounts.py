"""What cannot be written as an 835: a remittance with an amount that nobody has read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from records.errors import FindingError

_PAID = ("charged_cents", "paid_cents")


def refuse_unread(payments: Iterable[Mapping[str, Any]]) -> None:
    """FindingError ``unread_amount`` names the first place without an amount; never a zero."""
    for payment in payments:
        place = next(_unread(payment), None)
        if place is not None:
            raise FindingError(
                "unread_amount",
                f"{place} has not been read; written as zero it would be wrong.",
                "Key it, then write again.",
            )


def _unread(payment: Mapping[str, Any]) -> Iterator[str]:
    for number, claim in enumerate(payment.get("claims") or [], 1):
        lines = claim.get("lines") or []
        for place, line in enumerate(lines, 1):
            where = f"claim {number}, line {place}"
            yield from (f"{name} of {where}" for name in _missing(line))
            yield from _reasons(line, where)
        if not lines:
            yield from (f"{name} of claim {number}" for name in _missing(claim))
        yield from _reasons(claim, f"claim {number}")
    for entry in payment.get("provider_adjustments") or []:
        if entry.get("amount_cents") is None:
            yield f"The amount of provider adjustment {entry.get('code') or ''}".rstrip()


def _missing(part: Mapping[str, Any]) -> Iterator[str]:
    for name in _PAID:
        if part.get(name) is None:
            yield f"What is {name.removesuffix('_cents')}"


def _reasons(part: Mapping[str, Any], where: str) -> Iterator[str]:
    for entry in part.get("adjustments") or []:
        if entry.get("amount_cents") is None:
            yield f"The amount of reason {entry.get('code') or '?'} of {where}"
