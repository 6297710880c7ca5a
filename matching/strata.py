"""Each kind of evidence in each office: what samples proved, targets people accepted, alarms."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session, aliased

from matching import watching
from matching.decide import AUTO_STRATA
from matching.fitting import CUTS
from matching.model import Cut, Model, shipped
from matching.models import by_version
from matching.proving import Standing, cut, is_drifting
from matching.sampling import SAMPLED
from matching.shifting import rests_on
from matching.sole import sole
from matching.types import Share, Verdict
from records import audit, clock
from records.errors import NotFound, WrongUse
from records.models import Decision, MatchProof, MatchStratum, Office, Payment
from records.settings import load_settings

WINDOW = 2_000
"""How many of the newest samples of a kind are watched for drift: older ones say little of it."""
MILLION = 1_000_000
_ACTOR = "system:strata"


@dataclass(frozen=True, slots=True)
class Gate:
    """From which probability each kind of evidence goes alone in one office; others do not."""

    cuts: Mapping[str, float] = field(default_factory=dict)

    def lets(self, verdict: Verdict) -> bool:
        """Whether every kind of evidence the verdict rests on may go at its probability."""
        kinds = {verdict.stratum, *verdict.labels}
        return all(self.lets_kind(kind, verdict.probability) for kind in kinds)

    def lets_kind(self, kind: str, probability: float) -> bool:
        """Whether one kind of evidence may go at this probability."""
        return probability >= self.cuts.get(kind, 2.0)


def gate(session: Session, office_id: str, model: Model, floor: float) -> Gate:
    """What may go alone in this office now; never below ``floor``, and nothing that rests on
    evidence that is out of line there."""
    target = load_settings().match_target
    shifted = watching.alarmed(session, office_id)
    cuts = {
        kind: cut(standing, target, floor)
        for kind, standing in standings(session, office_id, model).items()
        if not rests_on(kind, shifted)
    }
    return Gate({kind: least for kind, least in cuts.items() if least is not None})


def rows_of(session: Session, office_id: str) -> dict[str, MatchStratum]:
    """What people said of each kind of evidence in this office, and its alarms."""
    query = select(MatchStratum).where(MatchStratum.office_id == office_id)
    return {row.stratum: row for row in session.scalars(query)}


def standings(
    session: Session,
    office_id: str,
    model: Model,
    rows: Mapping[str, MatchStratum] | None = None,
) -> dict[str, Standing]:
    """Each kind of evidence that may go alone at all, as it stands in this office.

    ``rows`` are those of ``rows_of``, where they are at hand.
    """
    if rows is None:
        rows = rows_of(session, office_id)
    own = _own(session, office_id, model.version)
    found = {}
    for kind in sorted(AUTO_STRATA):
        row = rows.get(kind)
        found[kind] = Standing(
            kind, own.get(kind, ()), model.proof.get(kind, ()), model.worth,
            None if row is None else row.target,
            alarmed=row is not None and row.alarmed_at is not None,
        )  # fmt: skip
    return found


def _own(session: Session, office_id: str, version: str) -> dict[str, tuple[Cut, ...]]:
    """The office's answers by kind, counted from each cut upwards."""
    rows = session.scalars(
        select(MatchProof).where(MatchProof.office_id == office_id, MatchProof.version == version)
    )
    parts: dict[str, dict[int, MatchProof]] = defaultdict(dict)
    for row in rows:
        parts[row.stratum][row.least] = row
    return {kind: _from_each(counts) for kind, counts in parts.items()}


def _from_each(counts: Mapping[int, MatchProof]) -> tuple[Cut, ...]:
    found, seen, wrong = [], 0, 0
    for least in sorted(counts, reverse=True):
        seen += counts[least].seen
        wrong += counts[least].wrong
        found.append(Cut(least / MILLION, seen, wrong))
    return tuple(reversed(found))


def agrees(sampled: Decision | None, shares: Iterable[Share]) -> bool | None:
    """Whether a person's split is the one that a sampled match was sure of; None for no sample.

    Of one that would have held some parts, only the others are asked for.
    """
    if sampled is None:
        return None
    said = {(each.account_number, each.statement_number, each.amount_cents) for each in shares}
    sure = proposed(sampled.candidates, held=False)
    return sure <= said if sure != proposed(sampled.candidates) else said == sure


def sample_behind(session: Session, last: Decision | None) -> Decision | None:
    """The sample that a payment's last decision was, or that an answer taken back was to."""
    while last is not None and last.outcome != SAMPLED:
        if last.outcome == "undone" or last.agreed is not None:
            last = session.get(Decision, last.supersedes_id or "")
        else:
            return None
    return last


def answered(session: Session, payment: Payment, answer: Decision) -> None:
    """Count a person's answer to a sample; raise the alarm where what goes alone proves wrong too
    often, and end one where enough have proved right since.

    ``answer`` has the sample's ``model_version`` and ``probability``, and ``agreed``.
    """
    kind = stratum_of(answer.model_version)
    row = _stratum(session, payment.office_id, kind)
    target = load_settings().match_target if row.target is None else row.target
    was_open = _is_open(session, payment.office_id, answer)
    _count(session, payment.office_id, answer, 1, right=bool(answer.agreed))
    if row.alarmed_at is not None:
        if _is_open(session, payment.office_id, answer):
            _end_alarm(session, row, _ACTOR)
    elif was_open:
        newest = _answers(session, payment.office_id, kind, row.since)
        if is_drifting(newest, target):
            _alarm(session, row, newest, target)


def _is_open(session: Session, office_id: str, answer: Decision) -> bool:
    model = by_version(session, version_of(answer.model_version)) or shipped()
    standing = standings(session, office_id, model).get(stratum_of(answer.model_version))
    return standing is not None and cut(standing, load_settings().match_target, 0.0) is not None


def taken_back(session: Session, payment: Payment, answer: Decision) -> None:
    """An answer that its person took back proves nothing any more."""
    if answer.agreed is None:
        return
    row = _stratum(session, payment.office_id, stratum_of(answer.model_version))
    if row.since is None or answer.created_at > row.since:
        _count(session, payment.office_id, answer, -1, right=answer.agreed)


def accept(session: Session, office_id: str, kind: str, target: float | None, actor: str) -> None:
    """A named person accepts that so many of a kind go wrong (None: the group's target again).

    Ends an alarm. NotFound ``unknown_stratum``; WrongUse ``wrong_value`` unless 0 < target < 1.
    """
    if kind not in AUTO_STRATA:
        raise NotFound("unknown_stratum", f"There is no kind of evidence {kind}.",
                       f"It is one of {', '.join(sorted(AUTO_STRATA))}.")  # fmt: skip
    if target is not None and not 0.0 < target < 1.0:
        raise WrongUse("wrong_value", "A target is a share between 0 and 1.", "Say 0.001, say.")
    row = _stratum(session, office_id, kind)
    row.target = target
    row.accepted_by = None if target is None else actor
    row.accepted_at = None if target is None else clock.now()
    if row.alarmed_at is not None:
        _end_alarm(session, row, actor)
    session.flush()
    audit.record(session, actor=actor, action="stratum.accepted", subject_kind="office",
                 subject_id=office_id,
                 detail={"stratum": kind, "target": str(target or "")})  # fmt: skip


def floor_of(office: Office) -> float:
    """The probability below which a person is always asked: the office's own, or the group's."""
    own = office.settings.get("auto_threshold")
    return load_settings().match_auto_threshold if own is None else float(own)


def _stratum(session: Session, office_id: str, kind: str) -> MatchStratum:
    return sole(session, MatchStratum, office_id=office_id, stratum=kind)


def _count(session: Session, office_id: str, told: Decision, step: int, *, right: bool) -> None:
    place = bisect_right(CUTS, told.probability or 0.0)
    least = round(CUTS[place - 1] * MILLION) if place else 0
    row = sole(
        session, MatchProof, office_id=office_id, least=least,
        stratum=stratum_of(told.model_version), version=version_of(told.model_version),
    )  # fmt: skip
    row.seen = max(0, row.seen + step)
    row.wrong = min(row.seen, max(0, row.wrong + (0 if right else step)))
    session.flush()


def _alarm(session: Session, row: MatchStratum, newest: list[bool], target: float) -> None:
    """Nothing of this kind goes alone in this office until it is proved anew, or accepted."""
    row.alarmed_at = row.since = clock.now()
    row.alarm = {"seen": len(newest), "wrong": newest.count(False), "target": target}
    session.execute(
        delete(MatchProof).where(
            MatchProof.office_id == row.office_id, MatchProof.stratum == row.stratum
        )
    )
    session.flush()
    audit.record(session, actor=_ACTOR, action="stratum.alarmed", subject_kind="office",
                 subject_id=row.office_id,
                 detail={"stratum": row.stratum, "seen": len(newest),
                         "wrong": newest.count(False), "target": str(target)})  # fmt: skip


def _end_alarm(session: Session, row: MatchStratum, actor: str) -> None:
    row.alarmed_at, row.alarm = None, None
    session.flush()
    audit.record(session, actor=actor, action="stratum.alarm_ended", subject_kind="office",
                 subject_id=row.office_id, detail={"stratum": row.stratum})  # fmt: skip


def _answers(
    session: Session, office_id: str, kind: str, since: datetime | None
) -> list[bool]:  # fmt: skip
    """What people answered to the newest samples of a kind, and did not take back."""
    query = (
        select(Decision.agreed)
        .join(Payment, Payment.id == Decision.payment_id)
        .where(
            Decision.agreed.is_not(None), Payment.office_id == office_id,
            Decision.model_version.like(f"%/{kind}"), stands(),
        )
        .order_by(Decision.created_at.desc())
        .limit(WINDOW)
    )  # fmt: skip
    if since is not None:
        query = query.where(Decision.created_at > since)
    return [bool(agreed) for agreed in session.scalars(query)]


def stands() -> ColumnElement[bool]:
    """That a decision was not taken back."""
    undone = aliased(Decision)
    undoing = select(undone.id).where(
        undone.supersedes_id == Decision.id, undone.outcome == "undone"
    )
    return ~undoing.exists()


def proposed(candidates: Any, *, held: bool = True) -> set[tuple[str | None, str | None, int]]:
    """The first split of a kept verdict: account, statement and cents of each part; without those
    it would hold, unless ``held``."""
    ways = candidates.get("proposals") if isinstance(candidates, Mapping) else None
    first = ways[0]["allocations"] if ways else ()
    return {
        (e["account_number"], e["statement_number"], e["amount_cents"])
        for e in first
        if held or not e.get("hold")
    }


def stratum_of(model_version: str) -> str:
    """The kind of evidence in what a decision keeps of its model (``model/stratum``)."""
    return model_version.partition("/")[2]


def version_of(model_version: str) -> str:
    """The model's version in what a decision keeps of it (``model/stratum``)."""
    return model_version.partition("/")[0]
