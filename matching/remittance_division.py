"""Which claims of one remittance each of its checks pays: a division that adds up. Pure.

Claims without a payment go with the claim before them, so that a page stays together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.sums import MOST_MET, met

_MOST_TRIED = 24
"""Sums of one check that are followed; where there are more, nothing is sure."""
_MOST_SEARCHES = 100


@dataclass(frozen=True, slots=True)
class Division:
    """What of a remittance one payment explains: places of claims and of provider adjustments."""

    payment: str
    amount_cents: int
    claims: tuple[int, ...]
    adjustments: tuple[int, ...]


def divide(
    fields: Mapping[str, Any], payments: Mapping[str, int], *, in_order: bool = False
) -> tuple[Division, ...] | None:
    """The only way to divide a remittance among payments (id to cents), in their order.

    ``fields`` are those of its reading. None where there is none, or more than one; ``in_order``
    asks only for divisions in which each payment's claims stand together on the page, which is
    enough for a person who has said that these belong together.
    """
    claims = _cents(fields, "claims", "paid_cents")
    taken = _cents(fields, "provider_adjustments", "amount_cents")
    if claims is None or taken is None or len(payments) < 2:
        return None
    amounts = [*claims, *(-each for each in taken)]
    if sum(amounts) != sum(payments.values()):
        return None
    moving = [place for place, cents in enumerate(amounts) if cents]
    cents_of = [amounts[place] for place in moving]
    wanted = list(payments.values())
    tried = _in_order(cents_of, wanted) if in_order else _any_order(cents_of, wanted)
    if len(tried) != 1:
        return None
    owner = {moving[place]: at for at, places in enumerate(tried[0]) for place in places}
    return tuple(
        Division(key, cents, *_places(at, owner, len(claims), len(amounts)))
        for at, (key, cents) in enumerate(payments.items())
    )


def _places(
    at: int, owner: Mapping[int, int], claims: int, total: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    mine: list[int] = []
    last = next((owner[place] for place in range(claims) if place in owner), 0)
    for place in range(claims):
        last = owner.get(place, last)
        if last == at:
            mine.append(place)
    others = tuple(p - claims for p in range(claims, total) if owner.get(p, 0) == at)
    return tuple(mine), others


def _any_order(amounts: Sequence[int], wanted: Sequence[int]) -> list[list[tuple[int, ...]]]:
    """At most two ways to give every amount to one of the sums wanted."""
    if len(amounts) > MOST_MET:
        return []
    found: list[list[tuple[int, ...]]] = []
    searches = 0

    def search(left: tuple[int, ...], at: int, chosen: list[tuple[int, ...]]) -> bool:
        """False where it was given up."""
        nonlocal searches
        searches += 1
        if at == len(wanted) - 1:
            if sum(amounts[place] for place in left) == wanted[at]:
                found.append([*chosen, left])
            return len(found) < 2
        ways = met([amounts[place] for place in left], wanted[at], _MOST_TRIED)
        if len(ways) >= _MOST_TRIED or searches > _MOST_SEARCHES:
            return False
        for way in ways:
            mine = tuple(left[place] for place in way)
            rest = tuple(place for place in left if place not in mine)
            if not search(rest, at + 1, [*chosen, mine]):
                return False
        return True

    complete = search(tuple(range(len(amounts))), 0, [])
    return found if complete else []


def _in_order(amounts: Sequence[int], wanted: Sequence[int]) -> list[list[tuple[int, ...]]]:
    """At most two ways in which each sum is a run of amounts."""
    found: list[list[tuple[int, ...]]] = []

    def search(start: int, runs: Mapping[int, tuple[int, ...]]) -> None:
        if len(found) > 1:
            return
        if len(runs) == len(wanted):
            if start == len(amounts):
                found.append([runs[at] for at in range(len(wanted))])
            return
        total = 0
        for end in range(start, len(amounts)):
            total += amounts[end]
            # of checks of one amount the first named comes first
            fits = [at for at, cents in enumerate(wanted) if cents == total and at not in runs]
            for at in fits[:1]:
                search(end + 1, {**runs, at: tuple(range(start, end + 1))})

    search(0, {})
    return found


def _cents(fields: Mapping[str, Any], name: str, key: str) -> list[int] | None:
    """The cents of each entry; None where one is unread."""
    field = fields.get(name)
    listed = field.get("value") if isinstance(field, Mapping) else None
    found: list[int] = []
    for each in listed or ():
        cents = each.get(key) if isinstance(each, Mapping) else None
        if type(cents) is not int:
            return None
        found.append(cents)
    return found
