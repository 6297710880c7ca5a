"""How far mail is that may still become address tasks: files being read, pieces to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from records.models import Document, Job, MailTransaction, SourceFile
from returned_mail import acs_importing

STAGE: Final = "returned_mail.open_task"
_IN_READING: Final = ("received", "decoded", "split", "read")
_NOT_READ_YET: Final = ("waiting",)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Counts. ``files`` are being read, of whose ``envelopes`` so many are ``read`` and ``pieces``
    returned ones were found; ``opening`` pieces wait for their task alone, ``stuck`` have failed.
    A file that is not divided yet has no envelopes.
    """

    files: int
    envelopes: int
    read: int
    pieces: int
    opening: int
    stuck: int

    def __bool__(self) -> bool:
        return bool(self.files or self.opening or self.stuck)


def of_offices(session: Session, offices: frozenset[str] | None) -> UnderWay:
    """What is under way for these offices (ids; None: all)."""

    def count(query: Select[int], column: InstrumentedAttribute[str]) -> int:
        return session.scalar(query if offices is None else query.where(column.in_(offices))) or 0

    files = select(SourceFile.id).where(
        SourceFile.state.in_(_IN_READING), SourceFile.channel != acs_importing.CHANNEL
    )
    envelopes = select(func.count(MailTransaction.id)).where(
        MailTransaction.live, MailTransaction.source_file_id.in_(files)
    )
    done = envelopes.where(MailTransaction.state.not_in(_NOT_READ_YET))
    office = MailTransaction.office_id
    pieces = (
        select(func.count(Document.id))
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .where(
            MailTransaction.live, MailTransaction.source_file_id.in_(files),
            Document.live, Document.kind == "returned_mail",
        )
    )  # fmt: skip
    jobs = (
        select(func.count(Job.id))
        .join(Document, Document.id == Job.subject_id)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .where(Job.stage == STAGE)
    )
    return UnderWay(
        files=count(
            select(func.count(SourceFile.id)).where(SourceFile.id.in_(files)),
            SourceFile.office_id,
        ),
        envelopes=count(envelopes, office),
        read=count(done, office),
        pieces=count(pieces, office),
        opening=count(jobs.where(Job.state.in_(("queued", "running"))), office),
        stuck=count(jobs.where(Job.state == "dead"), office),
    )
