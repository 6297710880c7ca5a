"""A candidate's ways to split a sum, and those of several stubs or claims put together to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matching import allocate, compare
from matching.types import AccountFacts, Candidate, Part, PaymentClues, Pool, Proposal, Share

NO_MATCH = 0.2
"""An account less likely than this is not taken for known."""


def ways_of(amount: int, candidate: Candidate, pool: Pool, part: Part) -> tuple[Proposal, ...]:
    """The ways to split ``amount`` cents of a part if the candidate is right, best first."""
    return allocate.propose(amount, candidate.account, _family(candidate, pool), part.clues)


def assembled(
    payment: PaymentClues, pools: Sequence[Pool], bests: Sequence[Candidate], amount: int
) -> Proposal:
    """The parts' own splits as one of ``amount`` cents, in the order of ``payment.parts``.

    Of several stubs, the one whose sum was not read gets what the others leave; more parts
    without a sum get nothing: a person gives it.
    """
    sums = _sums(payment, amount)
    shares: list[Share] = []
    clear = all(part.amount_cents is not None for part in payment.parts)
    for cents, part, pool, best in zip(sums, payment.parts, pools, bests, strict=True):
        if not cents:
            continue
        if best.probability < NO_MATCH or cents < 0:
            clear = False  # what an insurer takes back is no account's to be posted
            shares.append(Share("unidentified", cents, reason=part.label))
        elif part.kind == "claim":
            share = claim_share(part, best, cents)
            shares.append(share)
            clear = clear and not share.hold
        else:
            way = ways_of(cents, best, pool, part)[0]
            shares += way.shares
            clear = clear and way.clear
    left = amount - sum(share.amount_cents for share in shares)
    given = [share.statement_number for share in shares if share.statement_number]
    once = len(given) == len(set(given))
    if (left < 0 or not once) and _are_one_home(payment, bests):
        return _together(payment, pools[0], bests[0], amount)
    if left:
        clear = False
        shares.append(_rest(payment, bests, left))
    clear = clear and once
    detail = f"{len(payment.parts)} {payment.parts[0].kind}s of the envelope"
    return Proposal("parts", tuple(shares), clear, detail)


def claim_share(part: Part, best: Candidate, cents: int) -> Share:
    """A claim's sum to its account; unapplied where none of the claims sent for it is like it."""
    number = best.account.number
    if best.level(compare.CLAIM) == "unfit":
        return Share("unapplied", cents, number, reason=part.label, hold="claim_not_found")
    return Share("account", cents, number, reason=part.label)


def _family(candidate: Candidate, pool: Pool) -> tuple[AccountFacts, ...]:
    household = candidate.account.household
    if not household:
        return ()
    return tuple(
        account
        for account in pool.accounts
        if account.household == household and account.number != candidate.account.number
    )


def _sums(payment: PaymentClues, amount: int) -> list[int]:
    """Cents of each part; zero for one that is not known and cannot be."""
    known = sum(part.amount_cents or 0 for part in payment.parts)
    unread = [part for part in payment.parts if part.amount_cents is None]
    left = amount - known if [part.kind for part in unread] == ["coupon"] else 0
    return [
        max(left, 0) if part.amount_cents is None else part.amount_cents for part in payment.parts
    ]


def _are_one_home(payment: PaymentClues, bests: Sequence[Candidate]) -> bool:
    """Whether the parts are stubs that are all of one known account or household."""
    homes = {best.account.household or best.account.number for best in bests}
    known = all(best.probability >= NO_MATCH for best in bests)
    return known and len(homes) == 1 and all(part.kind == "coupon" for part in payment.parts)


def _rest(payment: PaymentClues, bests: Sequence[Candidate], left: int) -> Share:
    """What the parts leave over: an overpayment where a household sent stubs, else nobody's."""
    if left == payment.adjustment_cents:
        return Share("unidentified", left, reason="insurer_adjustment")
    read = all(part.amount_cents is not None for part in payment.parts)
    if left > 0 and read and _are_one_home(payment, bests):
        likeliest = max(bests, key=lambda best: best.probability)
        return Share("unapplied", left, likeliest.account.number, reason="overpayment")
    return Share("unidentified", left, reason="remainder")


def _together(payment: PaymentClues, pool: Pool, best: Candidate, amount: int) -> Proposal:
    """Stubs that say more than the check, or one statement twice: what they name, by turns."""
    said = [part.clues for part in payment.parts]
    clues = replace(
        said[0],
        statement_numbers=tuple(number for each in said for number in each.statement_numbers),
        account_numbers=tuple(number for each in said for number in each.account_numbers),
        imbs=tuple(imb for each in said for imb in each.imbs),
    )
    way = allocate.propose(amount, best.account, _family(best, pool), clues)[0]
    return replace(way, clear=False)
