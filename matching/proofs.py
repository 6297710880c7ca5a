"""What each kind of evidence proved in an office and what it still needs, as people are told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matching import watching
from matching.bounds import upper_bound
from matching.model import Cut, Model
from matching.proving import cut, still_needed
from matching.shifting import rests_on
from matching.strata import floor_of, rows_of, standings, stratum_of
from records.models import Decision, Office, Payment
from records.settings import load_settings


@dataclass(frozen=True, slots=True)
class StratumEvidence:
    """What is known of one kind of evidence in one office.

    ``went`` decisions went by themselves; ``seen`` were sampled and answered by a person, and
    ``wrong`` of those answered otherwise. ``undone`` were taken back after they had gone. ``cut``
    is the probability from which it goes alone, None at none. ``target`` is the share of wrong
    ones allowed, ``accepted_by`` who accepted it ("" for the group's own). ``needs`` right answers
    in a row are the fewest that prove the target; 0: it is proved. ``shifted``: it rests on
    readings that are out of line here (``matching.watching``), and nothing of it goes alone.
    """

    stratum: str
    went: int
    seen: int
    wrong: int
    undone: int
    cut: float | None
    target: float
    accepted_by: str
    alarmed: bool
    needs: int
    shifted: bool

    @property
    def at_most(self) -> float:
        """The rate of wrong ones among the samples, at most (95 %)."""
        return upper_bound(self.wrong, self.seen)


def evidence(session: Session, office_id: str, model: Model) -> tuple[StratumEvidence, ...]:
    """Each kind of evidence that may go alone or did, by name."""
    settings = load_settings()
    floor = floor_of(session.get_one(Office, office_id))
    went, undone = _counted(session, office_id), _counted(session, office_id, undone=True)
    rows = rows_of(session, office_id)
    out_of_line = watching.alarmed(session, office_id)
    found = []
    for kind, standing in standings(session, office_id, model, rows).items():
        row = rows.get(kind)
        all_own = standing.own[0] if standing.own else Cut(0.0, 0, 0)
        target = settings.match_target if standing.accepted is None else standing.accepted
        shifted = rests_on(kind, out_of_line)
        found.append(StratumEvidence(
            kind, went.get(kind, 0), all_own.seen, all_own.wrong, undone.get(kind, 0),
            None if shifted else cut(standing, settings.match_target, floor), target,
            (row.accepted_by or "") if row else "", standing.alarmed,
            still_needed(standing, target), shifted,
        ))  # fmt: skip
    return tuple(found)


def _counted(session: Session, office_id: str, *, undone: bool = False) -> dict[str, int]:
    """Matches that went by themselves, or those of them that were taken back."""
    query = (
        select(Decision.model_version, func.count())
        .join(Payment, Payment.id == Decision.payment_id)
        .where(Payment.office_id == office_id, Decision.outcome == "auto")
        .group_by(Decision.model_version)
    )
    if undone:
        undoing = select(Decision.supersedes_id).where(Decision.outcome == "undone")
        query = query.where(Decision.id.in_(undoing))
    counts: dict[str, int] = defaultdict(int)
    for version, count in session.execute(query):
        counts[stratum_of(version)] += count
    return counts
