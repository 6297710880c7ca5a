"""Plays as data: what an office does for a reason, in versions; a task keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, get_args

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from records import audit
from records.errors import NotFound, WrongUse
from records.models import AddressTask, PlayVersion
from returned_mail import reasons
from returned_mail.reasons import PLAYS, Collections, Play, Retry

EDITABLE: Final = (
    "action", "hold_days", "due_days", "retry", "collections", "contact_days", "remail_days",
    "supervisor_day",
)  # fmt: skip
RETRIES: Final = get_args(Retry)
CLOCKS: Final = get_args(Collections)
_MOST_DAYS: Final = 365
_ALWAYS_HELD: Final = frozenset({"deceased", "in_dispute"})


@dataclass(frozen=True, slots=True)
class InForce:
    """A play as it counts now; ``version`` 0 and ``source`` ``default`` where nobody changed it."""

    play: Play
    version: int
    source: str


def in_force(session: Session, office_id: str | None, reason: str) -> InForce:
    """What this office (None: the group) does for a reason now."""
    base = reasons.play(reason)
    return _newest(session, office_id, [base.key])[base.key]


def table(session: Session, office_id: str | None) -> list[InForce]:
    """Every reason's play of an office, or of the group."""
    found = _newest(session, office_id, list(PLAYS))
    return [found[key] for key in PLAYS]


def of_task(task: AddressTask) -> Play:
    """The play that a task was opened with."""
    return reasons.from_json({"key": task.reason, **task.play})


def keep(session: Session, task: AddressTask) -> Play:
    """Give a task the play now in force for its reason, to be kept."""
    now = in_force(session, task.office_id, task.reason)
    task.play, task.play_version = now.play.to_json(), now.version
    task.queue = task.queue or now.play.queue
    return now.play


def change(
    session: Session, office_id: str | None, reason: str, settings: Mapping[str, Any], actor: str
) -> PlayVersion:
    """Set a play for an office, or (None) for the group; a new version that new tasks begin with.

    Raises WrongUse ``wrong_play`` with what cannot be, and NotFound for an unknown reason.
    """
    if reason not in PLAYS:
        raise NotFound("unknown_reason", "There is no such reason.", "Choose one from the list.")
    said = _checked(reason, settings)
    return _add(session, office_id, reason, said, actor, "play.changed")


def reset(session: Session, office_id: str | None, reason: str, actor: str) -> PlayVersion:
    """Back to the level above: an office to the group's play, the group to the default."""
    if reason not in PLAYS:
        raise NotFound("unknown_reason", "There is no such reason.", "Choose one from the list.")
    return _add(session, office_id, reason, {}, actor, "play.reset")


def history(session: Session, office_id: str | None, reason: str) -> list[PlayVersion]:
    """Every version that was ever set here, the newest first."""
    query = (
        select(PlayVersion)
        .where(PlayVersion.reason == reason, PlayVersion.office_id.is_(None)
               if office_id is None else PlayVersion.office_id == office_id)
        .order_by(PlayVersion.version.desc())
    )  # fmt: skip
    return list(session.scalars(query))


def _newest(session: Session, office_id: str | None, keys: list[str]) -> dict[str, InForce]:
    wanted = or_(PlayVersion.office_id.is_(None), PlayVersion.office_id == office_id)
    rows = session.scalars(
        select(PlayVersion)
        .where(PlayVersion.reason.in_(keys), wanted)
        .order_by(PlayVersion.version)
    )
    last: dict[tuple[str, bool], PlayVersion] = {}
    for row in rows:
        last[row.reason, row.office_id is not None] = row
    return {key: _chosen(key, last.get((key, True)), last.get((key, False))) for key in keys}


def _chosen(key: str, office: PlayVersion | None, group: PlayVersion | None) -> InForce:
    for row, source in ((office, "office"), (group, "group")):
        if row is not None and row.settings:
            return InForce(reasons.from_json({"key": key, **row.settings}), row.version, source)
    return InForce(PLAYS[key], 0, "default")


def _add(
    session: Session,
    office_id: str | None,
    reason: str,
    settings: dict[str, Any],
    actor: str,
    action: str,
) -> PlayVersion:
    newest = session.scalar(select(func.max(PlayVersion.version))) or 0
    row = PlayVersion(
        office_id=office_id, reason=reason, version=newest + 1, settings=settings, actor=actor
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action=action, subject_kind="play_version", subject_id=row.id,
        detail={"reason": reason, "office": office_id or "", "version": str(row.version)},
    )  # fmt: skip
    return row


def _checked(reason: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    said = {**{name: asdict(PLAYS[reason])[name] for name in EDITABLE}, **settings}
    if set(said) - set(EDITABLE):
        raise _wrong("Only what the page shows can be changed.")
    said["action"] = str(said["action"]).strip()[:300]
    if not said["action"]:
        raise _wrong("Say what is done first.")
    if said["retry"] not in RETRIES or said["collections"] not in CLOCKS:
        raise _wrong("Choose from the lists.")
    held = said["hold_days"]
    if reason in _ALWAYS_HELD and held is not None:
        raise _wrong("Statements of this reason wait until a supervisor has ended the task.")
    if said["retry"] == "after_wait" and not held:
        raise _wrong("Mailing again after a wait needs the days to wait.")
    for name in ("hold_days", "due_days", "remail_days", "supervisor_day"):
        _days(said[name], least=0 if name in {"hold_days", "remail_days"} else 1,
              empty=name == "hold_days")  # fmt: skip
    days = list(said["contact_days"])
    if len(days) > 12 or days != sorted(set(days)):
        raise _wrong("Days of contact rise, twelve at most.")
    for each in days:
        _days(each, least=0)
    said["contact_days"] = days
    return said


def _days(value: object, *, least: int, empty: bool = False) -> None:
    if value is None and empty:
        return
    if not isinstance(value, int) or not least <= value <= _MOST_DAYS:
        raise _wrong(f"Days are whole numbers from {least} to {_MOST_DAYS}.")


def _wrong(message: str) -> WrongUse:
    return WrongUse("wrong_play", message, "Change it and save again.")
