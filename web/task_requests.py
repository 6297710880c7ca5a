"""What verifiers were asked about a task, and the addresses proposed for its account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from matching import address_candidates
from records.models import AddressTask
from returned_mail.address import Token, differences
from returned_mail.verify import requests_of, status
from returned_mail.verify.words import name_of

_FROM = {"label": "on the label", "stub": "written on a stub", "import": "in an import",
         "moved": "where the person moved, says a verifier"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a verifier as a page shows it; ``says`` is how it stands, in a sentence."""

    verifier: str
    says: str
    verdict: str
    asked_at: datetime
    attempts: int
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An address that is proposed and not in force, beside the one on file word by word."""

    id: str
    line: str
    source: str
    names_agree: bool
    verdict: str
    old: Sequence[Token]
    new: Sequence[Token]


def of_task(session: Session, task_id: str) -> list[Asked]:
    """Every question asked about a task, the newest first."""
    return [
        Asked(
            name_of(row.verifier),
            status(session, row),
            row.verdict.replace("_", " "),
            row.created_at,
            row.attempts,
            row.answered_at,
        )
        for row in sorted(
            requests_of(session, task_id), key=lambda each: each.created_at, reverse=True
        )
    ]


def proposed(session: Session, task: AddressTask) -> list[Proposed]:
    """What is proposed for the task's account and undecided, the oldest first."""
    if task.account is None:
        return []
    current = task.account.address
    shown = []
    for row in address_candidates.open_candidates(session, account_id=task.account.id):
        found = address_candidates.address_of(row)
        street = f"{found.care_of} {found.street}".strip()
        line = f"{street}, {found.city}, {found.state} {found.zip}"
        old, new = differences(current.line, line) if current else ((), ())
        shown.append(
            Proposed(row.id, line, _FROM.get(row.source, row.source), row.names_agree,
                     row.verdict.replace("_", " "), old, new)
        )  # fmt: skip
    return shown
