"""What an open bank line may be: ranked suggestions with their reasons, for a person to choose.

Nothing here is settled by itself: what is certain was settled before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from deposits.combining import Combination
from deposits.pairing import Expected, Movement, names, within_days
from records.money import Money

Action = Literal["settle", "part", "electronic", "returned", "notice", "explain"]
REJECTED_CREDIT = "credit for the rejected deposit"
"""The name of a credit that should not have come; the deposit's reference follows."""
MOST = 5
_FAR = timedelta(days=60)
_NEAR_SHARE = 100
_NEAR_CENTS = 1_000
_RETURN_FEE_CENTS = 5_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing a line may be; the lower ``tier``, the likelier.

    ``line_ids`` are the line and the others that would be settled with it, ``refs`` what they
    settle. ``difference_cents`` is the bank's amount less ours, ``name`` a name for it, or the
    explanation.
    """

    action: Action
    line_ids: tuple[str, ...]
    refs: tuple[str, ...]
    reason: str
    tier: int
    difference_cents: int = 0
    name: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "action": self.action,
            "lines": list(self.line_ids),
            "refs": list(self.refs),
            "reason": self.reason,
            "difference_cents": self.difference_cents,
            "name": self.name,
        }


@dataclass(frozen=True, slots=True)
class Known:
    """All that open lines may be.

    ``refs`` names every id; ``items`` are the cents and references of each deposit's checks;
    ``explained`` what lines of a kind were explained as before, the latest first.
    """

    deposits: Sequence[Expected] = ()
    rejected: Sequence[Expected] = ()
    electronic: Sequence[Expected] = ()
    checks: Sequence[Expected] = ()
    notices: Sequence[Expected] = ()
    combinations: Sequence[Combination] = ()
    electronic_sums: Sequence[Combination] = ()
    refs: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    explained: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)


def suggest(line: Movement, direction: str, known: Known) -> list[Suggestion]:
    """At most ``MOST`` suggestions for the line, the likeliest first."""
    found = list(_credit(line, known) if direction == "credit" else _debit(line, known))
    found += [
        Suggestion("explain", (line.line_id,), (), f"a line like it was explained as {text}", 7,
                   name=text)
        for text in known.explained.get((line.kind, direction), ())
    ]  # fmt: skip
    best: dict[tuple[str, tuple[str, ...], str], Suggestion] = {}
    for each in sorted(found, key=lambda each: (each.tier, abs(each.difference_cents), each.refs)):
        key = (each.action, each.refs, each.name if each.action == "explain" else "")
        best.setdefault(key, each)
    return list(best.values())[:MOST]


def _credit(line: Movement, known: Known) -> Iterator[Suggestion]:
    for deposit in _own(line, known.rejected):
        yield from _rejected(line, deposit)
    for deposit in _own(line, known.deposits):
        yield from _deposit(line, deposit, known)
    for sum_ in known.combinations:
        if line.line_id in sum_.line_ids:
            refs = tuple(known.refs[each] for each in sum_.expected_ids)
            count = len(sum_.line_ids)
            reason = (f"{count} credits together make it" if count > 1
                      else f"{len(refs)} deposits together make it")  # fmt: skip
            yield Suggestion("settle", sum_.line_ids, refs, reason, 2)
    for sum_ in known.electronic_sums:
        if line.line_id in sum_.line_ids:
            refs = tuple(known.refs[each] for each in sum_.expected_ids)
            count = len(sum_.line_ids)
            reason = (f"{count} credits together make it" if count > 1
                      else f"{len(refs)} announced payments together make it")  # fmt: skip
            yield Suggestion("electronic", sum_.line_ids, refs, reason, 2)
    for payment in _own(line, known.electronic):
        difference = line.amount_cents - payment.amount_cents
        named = names(line.words, payment.marks)
        if named or not difference:
            reason = "its trace number" if named else f"the same amount, {_apart(line, payment)}"
            yield _one("electronic", line, payment, known, reason, 0 if named else 1, difference)


def _deposit(line: Movement, deposit: Expected, known: Known) -> Iterator[Suggestion]:
    difference = line.amount_cents - deposit.amount_cents
    left_out = known.items.get(deposit.id, {}).get(-difference)
    if names(line.words, deposit.marks):
        yield _one("settle", line, deposit, known, "the line names it", 0, difference)
    elif not difference:
        reason = f"the same amount, {_apart(line, deposit)}"
        yield _one("settle", line, deposit, known, reason, 1)
    elif not within_days(line, deposit):
        return
    elif left_out:
        name = f"the bank left out {left_out}"
        reason = f"{left_out} is the difference"
        yield _one("settle", line, deposit, known, reason, 3, difference, name)
    elif _swapped(line.amount_cents, deposit.amount_cents):
        reason = "the same digits in another order"
        yield _one("settle", line, deposit, known, reason, 3, difference, "digits changed places")
    elif abs(difference) <= max(_NEAR_CENTS, deposit.amount_cents // _NEAR_SHARE):
        yield _one("settle", line, deposit, known, "nearly the same amount", 4, difference)
    elif 0 < line.amount_cents < deposit.amount_cents:
        reason = f"it may be a part of {Money(deposit.amount_cents)}"
        yield _one("part", line, deposit, known, reason, 6)


def _rejected(line: Movement, deposit: Expected) -> Iterator[Suggestion]:
    """What the bank refused and pays all the same: asked about before anything else, and then
    explained, since it settles nothing."""
    named = names(line.words, deposit.marks)
    if named or (line.amount_cents == deposit.amount_cents and within_days(line, deposit)):
        reason = f"the line {'names it' if named else 'is of its amount'}: ask the bank first"
        name = f"{REJECTED_CREDIT} {deposit.marks[0]}"
        yield Suggestion("explain", (line.line_id,), (), reason, 0 if named else 1, name=name)


def _debit(line: Movement, known: Known) -> Iterator[Suggestion]:
    for action, things in (("notice", known.notices), ("returned", known.checks)):
        for check in _own(line, things):
            if check.on > line.value_on:
                continue
            difference = line.amount_cents - check.amount_cents
            named = names(line.words, check.marks)
            if named and 0 <= difference <= _RETURN_FEE_CENTS:
                name = "the bank's fee for the return" if difference else ""
                yield _one(action, line, check, known, "its check number", 0, difference, name)
            elif not difference:
                reason = f"the same amount, {_apart(line, check)}"
                tier = 1 if line.kind == "returned_item" else 5
                yield _one(action, line, check, known, reason, tier)
    for sum_ in known.combinations:
        if line.line_id in sum_.line_ids:
            refs = tuple(known.refs[each] for each in sum_.expected_ids)
            reason = f"{len(refs)} returned checks together make it"
            yield Suggestion("notice", sum_.line_ids, refs, reason, 2)


def _own(line: Movement, things: Sequence[Expected]) -> Iterator[Expected]:
    """Things of the line's bank account that are not too long ago."""
    for thing in things:
        if thing.bank_account_id == line.bank_account_id and (
            thing.on.year == 1 or abs(line.value_on - thing.on) <= _FAR
        ):
            yield thing


def _one(
    action: Any,
    line: Movement,
    thing: Expected,
    known: Known,
    reason: str,
    tier: int,
    difference: int = 0,
    name: str = "",
) -> Suggestion:
    refs = (known.refs[thing.id],)
    return Suggestion(action, (line.line_id,), refs, reason, tier, difference, name)


def _apart(line: Movement, thing: Expected) -> str:
    if thing.on.year == 1:
        return "told by notice"
    days = abs((line.value_on - thing.on).days)
    return "on the day" if not days else f"{days} day{'s' if days > 1 else ''} apart"


def _swapped(one: int, other: int) -> bool:
    """Whether two digits changed places, or more: the same digits, so 9 divides the difference."""
    return one != other and sorted(str(one)) == sorted(str(other))
