"""Each office's watch over what is read: counted with every match, alarms told, looked into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.shifting import EVIDENCE, Counts, Shift, Watch, in_words, seen
from matching.sole import sole
from records import audit, clock
from records.errors import Conflict
from records.models import EvidenceWatch

_ACTOR = "system:watch"


@dataclass(frozen=True, slots=True)
class Watched:
    """One evidence in one office, as it is told; ``words`` say what raised the alarm, or ""."""

    evidence: str
    watch: Watch

    @property
    def words(self) -> str:
        """What the newest payments show beside those before, while alarmed."""
        if self.watch.alarm is None:
            return ""
        return in_words(self.evidence, self.watch.now, self.watch.before)


def note(session: Session, office_id: str, payments: Sequence[Mapping[str, bool]]) -> None:
    """Count payments as they are matched: of each evidence read, whether it goes astray.

    The office's rows are locked until the transaction ends. Raises and ends alarms, and writes
    both into the audit chain.
    """
    told = [name for name in EVIDENCE if any(name in each for each in payments)]
    if not told:
        return
    query = (
        select(EvidenceWatch)
        .where(EvidenceWatch.office_id == office_id, EvidenceWatch.evidence.in_(told))
        .order_by(EvidenceWatch.evidence)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = {row.evidence: row for row in session.scalars(query)}
    for name in told:
        row = rows.get(name) or sole(session, EvidenceWatch, office_id=office_id, evidence=name)
        for each in payments:
            if name in each:
                _counted(session, row, astray=each[name])
    session.flush()


def _counted(session: Session, row: EvidenceWatch, *, astray: bool) -> None:
    old = _watch(row)
    new = seen(old, astray=astray)
    row.newest = new.newest
    if new.earlier != old.earlier:
        row.earlier = [[block.read, block.astray] for block in new.earlier]
    if new.alarm is not None and old.alarm is None:
        row.alarmed_at, row.alarm = clock.now(), _alarm_json(new.alarm)
        _record(session, row, _ACTOR, "office.evidence_shifted", new.alarm)
    elif new.alarm is None and old.alarm is not None:
        row.alarmed_at = row.alarm = None
        _record(session, row, _ACTOR, "office.evidence_back", Shift(new.now, new.before))


def alarmed(session: Session, office_id: str) -> frozenset[str]:
    """The evidence that is out of line in an office now."""
    query = select(EvidenceWatch.evidence).where(
        EvidenceWatch.office_id == office_id, EvidenceWatch.alarmed_at.is_not(None)
    )
    return frozenset(session.scalars(query))


def watched(session: Session, office_id: str) -> tuple[Watched, ...]:
    """Every evidence of an office, by name; those of which nothing was read yet too."""
    query = select(EvidenceWatch).where(EvidenceWatch.office_id == office_id)
    rows = {row.evidence: _watch(row) for row in session.scalars(query)}
    return tuple(Watched(name, rows.get(name, Watch())) for name in EVIDENCE)


def looked(session: Session, office_id: str, actor: str) -> tuple[str, ...]:
    """A named person has looked: the alarms end, and what is read from now on is the new measure.

    Gives the evidence that was alarmed; Conflict ``nothing_shifted`` where none was.
    """
    query = (
        select(EvidenceWatch)
        .where(EvidenceWatch.office_id == office_id, EvidenceWatch.alarmed_at.is_not(None))
        .order_by(EvidenceWatch.evidence)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = session.scalars(query).all()
    if not rows:
        raise Conflict("nothing_shifted", "No alarm of what is read stands at this office.",
                       "Reload the page: it may have ended by itself.")  # fmt: skip
    for row in rows:
        old = _watch(row)
        _record(session, row, actor, "office.evidence_looked", Shift(old.now, old.before))
        row.newest, row.earlier, row.alarmed_at, row.alarm = "", [], None, None
        row.looked_at, row.looked_by = clock.now(), actor
    session.flush()
    return tuple(row.evidence for row in rows)


def _watch(row: EvidenceWatch) -> Watch:
    earlier = tuple(Counts(read, astray) for read, astray in row.earlier or ())
    alarm = None
    if row.alarm is not None:
        alarm = Shift(Counts(*row.alarm["newest"]), Counts(*row.alarm["earlier"]))
    return Watch(row.newest or "", earlier, alarm)


def _alarm_json(alarm: Shift) -> dict[str, list[int]]:
    newest, earlier = alarm.newest, alarm.earlier
    return {"newest": [newest.read, newest.astray], "earlier": [earlier.read, earlier.astray]}


def _record(session: Session, row: EvidenceWatch, actor: str, action: str, counts: Shift) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="office",
                 subject_id=row.office_id,
                 detail={"evidence": row.evidence, "read": counts.newest.read,
                         "astray": counts.newest.astray, "earlier_read": counts.earlier.read,
                         "earlier_astray": counts.earlier.astray})  # fmt: skip
