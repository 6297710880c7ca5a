"""What verifiers were asked about a task, in words: asked, tried, to be tried again, answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import AddressRequest

_STATES: Final = {
    "asked": "asked",
    "sending": "being asked",
    "answered": "answered",
    "failed": "gave no answer",
    "unknown_outcome": "perhaps asked: it is looked up again",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a verifier as a page shows it; ``next_at`` while an answer is awaited."""

    verifier: str
    state: str
    verdict: str
    asked_at: datetime
    attempts: int
    next_at: datetime | None
    answered_at: datetime | None
    code: str


def of_task(session: Session, task_id: str) -> list[Asked]:
    """Every question asked about a task, the newest first."""
    rows = session.scalars(
        select(AddressRequest)
        .where(AddressRequest.task_id == task_id)
        .order_by(AddressRequest.created_at.desc())
    )
    return [
        Asked(
            row.verifier,
            _STATES.get(row.state, row.state.replace("_", " ")),
            row.verdict.replace("_", " "),
            row.created_at,
            row.attempts,
            None if row.answered_at or row.state == "failed" else row.next_at,
            row.answered_at,
            row.code.replace("_", " "),
        )
        for row in rows
    ]
