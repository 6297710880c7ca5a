"""Open balances and coupons as evidence for an amount that reading alone left in doubt.

They verify and never replace: only the amount the check itself says can come out. An amount so
verified says nothing of whose the check is, or a balance would be its own witness: the account is
found without it, and it is taken only where that account is sure enough to need no person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from matching import score
from matching.decide import decide
from matching.model import Model
from matching.types import AccountFacts, PaymentClues, Pool, Ranking, Verdict
from ocr import amount_balances as reading
from ocr.amount import Fused

ACTOR = "system:balance"
"""Who gave the amount of a payment when a balance has verified it."""
SOURCE = "balance"
LIKELY = 0.5
"""An account less likely than this does not speak for an amount."""
LEAST_ALONE = 0.25
"""A balance does not lift an amount that the check alone made less likely than this.

Balances that share digits with the true amount, where it is none of them, are what could mislead.
Beside 201 balances drawn so, 40 times for each of 92 handwritten checks of the split test (seed
31337), none of 3,680 trials took a wrong amount; 154 other checks (tune, seed 7100), 30 times each,
took 33 in 4,620, nearly all of one that reading alone held at 0.86. A quarter costs 0.8 % of what
0.1 would take where the amount is a balance.
"""

SupportKind = Literal["statement", "minimum_due", "account", "household", "coupon"]


@dataclass(frozen=True, slots=True)
class Support:
    """A sum in cents that is known apart from the check, and what it is.

    ``number`` is the statement's or account's; empty for a coupon and a household.
    """

    kind: SupportKind
    cents: int
    number: str = ""

    @property
    def words(self) -> str:
        """The sum as the review page names it."""
        return _WORDS[self.kind].format(self.number)


_WORDS: dict[SupportKind, str] = {
    "statement": "the open balance of statement {}",
    "minimum_due": "the minimum due of statement {}",
    "account": "all that is open on account {}",
    "household": "all that the household owes",
    "coupon": "the amount on the coupon in the same envelope",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """An amount in cents that reading and known sums together make sure; ``alone`` is reading's.

    ``source`` names the evidence: the places of the check that say it, and ``balance``.
    """

    cents: int
    confidence: float
    source: str
    alone_cents: int | None
    alone_confidence: float
    agrees: tuple[Support, ...]

    def to_json(self) -> dict[str, Any]:
        """As it is kept, sealed, with the decision."""
        return {
            "cents": self.cents,
            "confidence": self.confidence,
            "source": self.source,
            "alone_cents": self.alone_cents,
            "alone_confidence": self.alone_confidence,
            "agrees": [
                {"kind": each.kind, "cents": each.cents, "number": each.number}
                for each in self.agrees
            ],
        }


def supports(payment: PaymentClues, ranking: Ranking, pool: Pool) -> tuple[Support, ...]:
    """The sums that may speak for the payment's amount: of its likely account, and of its coupon.

    ``ranking`` must have been made without the amount.
    """
    found: list[Support] = []
    if ranking.candidates and ranking.candidates[0].probability >= LIKELY:
        account = ranking.candidates[0].account
        found += _of_account(account)
        home = [a for a in pool.accounts if account.household and a.household == account.household]
        if len(home) > 1:
            found.append(Support("household", sum(each.open_cents for each in home)))
    if not payment.ambiguous:
        found += [Support("coupon", cents) for cents in payment.coupon_cents]
    return tuple(dict.fromkeys(each for each in found if each.cents > 0))


def _of_account(account: AccountFacts) -> list[Support]:
    owed = account.open_statements
    found = [Support("statement", each.open_cents, each.number) for each in owed]
    found += [
        Support("minimum_due", each.minimum_due_cents, each.number)
        for each in owed
        if each.minimum_due_cents and each.minimum_due_cents != each.open_cents
    ]
    if len(owed) > 1:
        found.append(Support("account", account.open_cents, account.number))
    return found


def verify(fused: Fused, known: Sequence[Support], least: float) -> Verified | None:
    """The amount that the check says and a known sum confirms with at least ``least``, or None.

    Never another amount than the reading's own, nor one that the reading hardly believes.
    """
    if not known:
        return None
    found = reading.verified(fused, frozenset(each.cents for each in known))
    agrees = tuple(each for each in known if each.cents == found.cents)
    if found.cents is None or not agrees or found.confidence < least:
        return None
    if fused.confidence < LEAST_ALONE:
        return None
    source = "+".join(dict.fromkeys([*found.source.split("+"), SOURCE]))
    return Verified(
        found.cents, found.confidence, source.lstrip("+"), fused.cents, fused.confidence, agrees
    )


def settle(
    payment: PaymentClues,
    pools: Sequence[Pool],
    fused: Fused,
    least: float,
    threshold: float,
    model: Model,
) -> tuple[Verdict, Verified] | None:
    """The verdict with an amount that a balance verifies, when no person need then be asked.

    The account is found, and must reach ``threshold``, without the amount. None when the amount
    stays in doubt or anything else does.
    """
    if payment.ambiguous or len(payment.parts) != 1 or payment.parts[0].kind != "check":
        return None
    ranking = score.rank(payment.parts[0].clues, pools[0], model)
    amount = verify(fused, supports(payment, ranking, pools[0]), least)
    if amount is None:
        return None
    verdict = decide(with_amount(payment, amount.cents), pools, threshold, model)
    return (verdict, amount) if verdict.outcome == "auto" else None


def with_amount(payment: PaymentClues, cents: int) -> PaymentClues:
    """The payment with an amount to be split, which is no clue to whose it is."""
    parts = tuple(
        replace(part, amount_cents=cents) if part.kind == "check" else part
        for part in payment.parts
    )
    return replace(payment, amount_cents=cents, parts=parts)
