"""What a payment's postings should be: a pure comparison of its parts with what was sent."""

from __future__ import annotations

from dataclasses import dataclass

WITHOUT_MONEY = frozenset({"awaiting_review", "not_deposited", "returned"})
"""A check in these states has no money behind it, or may never have: nothing of it may stand in
the PMS. What awaits review may turn out to be a second scan."""
_ON_ITS_WAY = frozenset({"exported", "unknown"})
GIVE_BACK = "give_back"
"""Flag of a payment whose decision is to be undone as soon as nothing of it stands in the PMS."""
TAKEN_BACK = "taken_back"
"""Beside ``GIVE_BACK``: a person wants the decision back, the PMS refused nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A live allocation to an account, in the office that the account belongs to."""

    allocation_id: str
    office_id: str
    pms: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A posting that is live; ``reversed`` tells whether a reversal of it is under way."""

    posting_id: str
    allocation_id: str
    pms: str
    amount_cents: int
    state: str
    is_reversal: bool = False
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Everything the plan depends on; ``live_total_cents`` sums all live allocations.

    ``give_back``: the PMS refused a part, or a person wants the decision back.
    ``unapplied_cents`` and ``unidentified_cents`` are the live allocations that are never posted;
    with a ``remittance`` the latter may be below zero: what the insurer took back.
    """

    payment_id: str
    live: bool
    deposit_state: str
    match_state: str
    amount_cents: int | None
    live_total_cents: int
    parts: tuple[Part, ...]
    sent: tuple[Sent, ...]
    give_back: bool = False
    unapplied_cents: tuple[int, ...] = ()
    unidentified_cents: tuple[int, ...] = ()
    remittance: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Parts to queue, postings to withdraw, postings to reverse, by id.

    ``undo``: nothing of the payment stands in the PMS any more, so its decision can be undone.
    """

    queue: tuple[Part, ...] = ()
    withdraw: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    undo: bool = False


def plan(facts: PaymentFacts) -> Plan:
    """What to do so that the PMS ends up with exactly the payment's live parts.

    Nothing is queued unless the parts sum to the amount (invariant 5). A posting on its way, or
    in doubt, is left alone until its fate is known: only then is it kept or reversed.
    """
    wanted = {(part.allocation_id, part.pms): part for part in _wanted(facts)}
    withdraw: list[str] = []
    reverse: list[str] = []
    held: set[tuple[str, str]] = set()
    for posting in facts.sent:
        key = (posting.allocation_id, posting.pms)
        if posting.is_reversal:
            continue
        if key in wanted and not posting.reversed:
            held.add(key)
        elif posting.state in ("queued", "failed"):
            withdraw.append(posting.posting_id)
        elif posting.state == "acknowledged" and not posting.reversed:
            reverse.append(posting.posting_id)
            held.add(key)
        elif posting.state in _ON_ITS_WAY or posting.reversed:
            held.add(key)
    queue = tuple(part for key, part in wanted.items() if key not in held)
    undo = facts.give_back and not held and facts.match_state == "decided"
    return Plan(queue, tuple(withdraw), tuple(reverse), undo)


def _wanted(facts: PaymentFacts) -> tuple[Part, ...]:
    whole = facts.amount_cents is not None and facts.live_total_cents == facts.amount_cents
    decided = facts.live and facts.match_state == "decided" and not facts.give_back
    if not (whole and decided and _sound(facts)) or facts.deposit_state in WITHOUT_MONEY:
        return ()
    return facts.parts


def _sound(facts: PaymentFacts) -> bool:
    """Whether every part is above zero and no more than the payment: else one part would post
    money that was never paid, and another below zero would hide it in the sum. What an insurer
    takes back stands below zero, and is nobody's."""
    taken = -sum(cents for cents in facts.unidentified_cents if cents < 0)
    if taken and not facts.remittance:
        return False
    above = [part.amount_cents for part in facts.parts]
    above += facts.unapplied_cents
    above += [cents for cents in facts.unidentified_cents if cents >= 0]
    limit = (facts.amount_cents or 0) + taken
    return all(0 < cents <= limit for cents in above)
