"""From reasons to a probability: additive scores, and a softmax over rivals and nobody."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matching import compare
from matching.model import Model
from matching.types import AccountFacts, Candidate, Clues, Pool, Ranking, Reason

PRIOR = "prior"
# Share of payers who are nobody's patient: money sent to the wrong practice.
NOBODY_SHARE = 0.03
# An account outside the pool may still be the right one; each says this much less than the prior.
KEPT = 12


def rank(clues: Clues, pool: Pool, model: Model) -> Ranking:
    """Every account of the pool scored, best first; ties by account number.

    The score is the log odds of the account against "nobody's patient" with no evidence at all,
    plus the weights of its reasons; the prior stands among the reasons, so that they add up.
    """
    named = compare.named_by_number(clues, pool.accounts)
    families = households(pool.accounts)
    prior = model.shifted(_prior(pool.chart.account_count))
    scored: list[tuple[float, AccountFacts, tuple[Reason, ...]]] = []
    for account in pool.accounts:
        home = families.get(account.household, ())
        family = tuple([f for f in home if f is not account]) if len(home) > 1 else ()
        signals = compare.compare(clues, account, family, named, pool.chart)
        if model.shifts:
            signals = tuple([model.shifted(reason) for reason in signals])
        reasons = (prior, *signals)
        scored.append((total(reasons), account, reasons))
    return ranked(scored)


def ranked(scored: list[tuple[float, AccountFacts, tuple[Reason, ...]]]) -> Ranking:
    """The ranking of accounts with their scores and reasons; sorts the list that is given."""
    scored.sort(key=lambda each: (-each[0], each[1].number))
    shares, nobody = _softmax([score for score, _, _ in scored])
    candidates = tuple(
        Candidate(account, score, share, reasons)
        for (score, account, reasons), share in zip(scored[:KEPT], shares[:KEPT], strict=True)
    )
    return Ranking(candidates, nobody)


def households(accounts: Sequence[AccountFacts]) -> dict[str, list[AccountFacts]]:
    """The accounts by household; those without one are in none."""
    found: dict[str, list[AccountFacts]] = {}
    for account in accounts:
        if account.household:
            found.setdefault(account.household, []).append(account)
    return found


def total(reasons: Sequence[Reason]) -> float:
    """The score: the sum of the weights, rounded where floats would differ by order."""
    return round(math.fsum(reason.weight for reason in reasons), 6)


def _prior(account_count: int) -> Reason:
    odds = (1.0 - NOBODY_SHARE) / NOBODY_SHARE / max(account_count, 1)
    return Reason(PRIOR, "any_account", round(math.log(odds), 6),
                  f"one of {account_count} accounts, or nobody's patient")  # fmt: skip


def _softmax(scores: Sequence[float]) -> tuple[list[float], float]:
    """Probabilities of each and of nobody, whose score is zero by definition."""
    top = max([0.0, *scores])
    masses = [math.exp(score - top) for score in scores]
    nobody = math.exp(-top)
    whole = math.fsum([nobody, *masses])
    return [mass / whole for mass in masses], nobody / whole
