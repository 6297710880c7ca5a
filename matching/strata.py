"""How often matches of each kind of evidence were right, as people found, and which are closed.

Never pooled: payments without a coupon err ten times as often as those with one, and a common
threshold hides it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matching.bounds import lower_bound, upper_bound
from matching.sampling import SAMPLED
from matching.types import Share
from records.models import Decision, Payment

WINDOW = 2_000
"""How many of the newest samples of a kind count: what a reader did long ago says little."""
MOST = 8 * WINDOW


@dataclass(frozen=True, slots=True)
class StratumEvidence:
    """What is known of one kind of evidence in one office.

    ``went`` decisions went by themselves; ``seen`` were sampled and answered by a person, and
    ``wrong`` of those answered otherwise. ``undone`` were taken back after they had gone.
    """

    stratum: str
    went: int
    seen: int
    wrong: int
    undone: int

    @property
    def at_most(self) -> float:
        """The rate of wrong ones, at most (95 %)."""
        return upper_bound(self.wrong, self.seen)

    @property
    def at_least(self) -> float:
        """The rate of wrong ones, at least (95 %)."""
        return lower_bound(self.wrong, self.seen)

    def is_closed(self, target: float) -> bool:
        """Whether the samples prove that more than ``target`` are wrong."""
        return self.at_least > target


def evidence(session: Session, office_id: str) -> tuple[StratumEvidence, ...]:
    """Each kind of evidence that an office's matches had so far, by name."""
    went = _counted(session, office_id, "auto")
    undone = _undone(session, office_id)
    answers = _answers(session, office_id)
    names = sorted({*went, *answers})
    return tuple(
        StratumEvidence(
            name, went.get(name, 0), len(answers.get(name, ())),
            answers.get(name, []).count(False), undone.get(name, 0),
        )
        for name in names
    )  # fmt: skip


def closed(session: Session, office_id: str, target: float) -> frozenset[str]:
    """The kinds of evidence that people are asked about until they prove right again."""
    return frozenset(
        name
        for name, answers in _answers(session, office_id).items()
        if lower_bound(answers.count(False), len(answers)) > target
    )


def _counted(session: Session, office_id: str, outcome: str) -> dict[str, int]:
    rows = session.execute(
        select(Decision.model_version, func.count())
        .join(Payment, Payment.id == Decision.payment_id)
        .where(Payment.office_id == office_id, Decision.outcome == outcome)
        .group_by(Decision.model_version)
    )
    counts: dict[str, int] = defaultdict(int)
    for version, count in rows:
        counts[stratum_of(version)] += count
    return counts


def _undone(session: Session, office_id: str) -> dict[str, int]:
    """Matches that went by themselves and were taken back."""
    undoing = select(Decision.supersedes_id).where(Decision.outcome == "undone")
    rows = session.execute(
        select(Decision.model_version, func.count())
        .join(Payment, Payment.id == Decision.payment_id)
        .where(Payment.office_id == office_id, Decision.outcome == "auto", Decision.id.in_(undoing))
        .group_by(Decision.model_version)
    )
    counts: dict[str, int] = defaultdict(int)
    for version, count in rows:
        counts[stratum_of(version)] += count
    return counts


def _answers(session: Session, office_id: str) -> dict[str, list[bool]]:
    """What people answered to samples, by kind of evidence: whether they agreed, newest first."""
    sampled = aliased(Decision)
    rows = session.execute(
        select(sampled.model_version, Decision.agreed)
        .join(sampled, sampled.id == Decision.supersedes_id)
        .join(Payment, Payment.id == Decision.payment_id)
        .where(Decision.agreed.is_not(None), Payment.office_id == office_id)
        .order_by(Decision.created_at.desc())
        .limit(MOST)
    )
    found: dict[str, list[bool]] = defaultdict(list)
    for version, agreed in rows:
        answers = found[stratum_of(version)]
        if len(answers) < WINDOW:
            answers.append(bool(agreed))
    return dict(found)


def agrees(last: Decision | None, shares: Iterable[Share]) -> bool | None:
    """Whether a person's split is the one that a sampled match was sure of; None for no sample."""
    if last is None or last.outcome != SAMPLED:
        return None
    said = {(each.account_number, each.statement_number, each.amount_cents) for each in shares}
    return said == _proposed(last.candidates)


def _proposed(candidates: Any) -> set[tuple[str | None, str | None, int]]:
    """The first split of a kept verdict: account, statement and cents of each part."""
    ways = candidates.get("proposals") if isinstance(candidates, Mapping) else None
    first = ways[0]["allocations"] if ways else ()
    return {(e["account_number"], e["statement_number"], e["amount_cents"]) for e in first}


def stratum_of(model_version: str) -> str:
    """The kind of evidence in what a decision keeps of its model (``model/stratum``)."""
    return model_version.partition("/")[2]
