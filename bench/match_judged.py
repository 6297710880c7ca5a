"""Decisions on drawn payments, each held against the truth: how sure, of what kind, and right."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bench.match_load import Loaded
from bench.match_payments import Drawn
from matching import index
from matching.decide import decide
from matching.model import Model
from matching.types import Clues, Part, PaymentClues, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision and the truth of it.

    ``chance`` is how sure the matcher is of its first split. ``acceptable`` says that nothing but
    the chance keeps it from going by itself: its kind of evidence, the split and the envelope
    allow it. ``right``: every account gets what is its, and no other anything; ``statements_right``
    says so of each account's statements too. ``with_number`` is a payment that came with a coupon.
    ``why`` is what keeps it back, empty for an acceptable one.
    """

    kind: str
    stratum: str
    chance: float
    acceptable: bool
    right: bool
    statements_right: bool
    with_number: bool
    customer: bool
    why: str = ""


def judge(session: Session, each: Drawn) -> Judged:
    """The decision on one payment as the product makes it, against what is true of it."""
    verdict = asked(session, each.clues)
    shares = verdict.proposals[0].shares if verdict.proposals else ()
    accounts = {share.account_number for share in shares}
    statements = {share.statement_number for share in shares if share.statement_number}
    right = bool(each.accounts) and accounts == each.accounts
    return Judged(
        each.kind,
        verdict.stratum,
        verdict.probability,
        verdict.outcome == "auto",
        right,
        right and statements == each.statements,
        each.with_number,
        bool(each.accounts),
        verdict.why,
    )


def asked(
    session: Session, clues: Clues, threshold: float = 0.0, model: Model | None = None
) -> Verdict:
    """The verdict on one check that is one sum; at 0.0 all go that evidence alone would let go.

    ``model`` None: the shipped one.
    """
    amount = clues.amount_cents
    payment = PaymentClues(amount, (Part("check", clues, amount, "check"),))
    return decide(payment, [index.pool(session, clues)], threshold, model)


def judge_all(chart: Loaded, todo: Sequence[Drawn]) -> tuple[list[Judged], float]:
    """All of them one after the other, and milliseconds a payment of this process alone."""
    begun = time.thread_time()
    with chart.database.read() as session:
        found = [judge(session, each) for each in todo]
    return found, 1000 * (time.thread_time() - begun) / max(len(todo), 1)
