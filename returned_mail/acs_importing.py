"""An ACS file as returned mail: each notice goes the way of a scanned piece, without a picture.

The same file twice changes nothing; the same piece in two files, or also scanned, is one piece:
``arrivals`` knows it by its barcode. A new address is only proposed, as one on a label is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, ids, jobs
from records.errors import NotFound
from records.files import FileStore
from records.models import Document, MailTransaction, Office, ReadingRow, SourceFile
from returned_mail import acs
from returned_mail.acs import Notice

CHANNEL: Final = "acs"
_SURE: Final = 1.0
"""The Postal Service says it in characters: there is nothing to be misread."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``known``: these very bytes were taken before, and nothing was done."""

    file_ref: str
    taken: int
    announced: int | None
    refused: tuple[acs.Refused, ...]
    known: bool

    @property
    def incomplete(self) -> bool:
        """Whether the header announces another number of records than there are."""
        there = self.taken + len(self.refused)
        return not self.known and self.announced is not None and self.announced != there

    def to_json(self) -> dict[str, Any]:
        """For the command and the API."""
        return {
            "file": self.file_ref, "taken": self.taken, "announced": self.announced,
            "incomplete": self.incomplete, "known": self.known,
            "refused": [{"line": each.line, "reason": each.reason} for each in self.refused],
        }  # fmt: skip


def import_file(
    session: Session, store: FileStore, data: bytes, name: str, office_id: str, actor: str
) -> Imported:
    """Take a file in for an office; each notice waits as a piece whose task is to be opened.

    Raises UnreadableError ``not_acs``, NotFound ``office_unknown``.
    """
    found = acs.read(data)
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("office_unknown", "There is no such office.", "Choose another.")
    sha256 = store.put(data)
    before = session.scalar(select(SourceFile).where(SourceFile.sha256 == sha256))
    if before is not None:
        return Imported(before.ref, 0, found.announced, (), known=True)
    file = SourceFile(
        ref=ids.new_ref("ITM"),
        sha256=sha256,
        name=name[:200],
        size_bytes=len(data),
        media_type="acs",
        office_id=office.id,
        channel=CHANNEL,
        uploaded_by=actor,
        received_on=clock.now().date(),
        state="done",
    )
    session.add(file)
    session.flush()
    for at, notice in enumerate(found.notices):
        document = _document(session, file, at, notice)
        jobs.follow(session, "returned_mail_registered", document.id)
    audit.record(session, actor=actor, action="acs.imported", subject_kind="source_file",
                 subject_id=file.id, detail={"taken": len(found.notices),
                                             "refused": len(found.refused)})  # fmt: skip
    return Imported(file.ref, len(found.notices), found.announced, found.refused, known=False)


def _document(session: Session, file: SourceFile, at: int, notice: Notice) -> Document:
    envelope = MailTransaction(
        ref=ids.new_ref("ENV"), source_file_id=file.id, office_id=file.office_id,
        position=1000 + at, page_ids=[], state="settled",
    )  # fmt: skip
    session.add(envelope)
    session.flush()
    document = Document(
        ref=ids.new_ref("DOC"), transaction_id=envelope.id, position=0, kind="returned_mail",
        page_ids=[], region=None,
    )  # fmt: skip
    session.add(document)
    session.flush()
    said = {
        name: {"value": value, "confidence": _SURE, "page": None, "box": None, "source": "acs",
               "alternatives": []}
        for name, value in _fields(notice).items()
        if value
    }  # fmt: skip
    sealed = {"kind": "returned_mail", "pages": [], "fields": said, "warnings": []}
    session.add(ReadingRow(document_id=document.id, version=1, sealed=sealed, made_by="acs"))
    session.flush()
    return document


def _fields(notice: Notice) -> dict[str, Any]:
    """The notice in the names of a reading of a piece."""
    moved = f" moved {notice.moved_on}" if notice.moved_on else ""
    said = f"ACS {notice.code or 'move'} {notice.move}{moved} {notice.keyline}"
    forward = f"{notice.name}\n{notice.new_address}" if notice.new_address else ""
    return {
        "reason": notice.reason,
        "endorsement_text": " ".join(said.split()),
        "addressee_name": notice.name,
        "addressee_address": notice.old_address,
        "forward_address": forward,
        "imb": acs.imb_parts(notice.imb),
        "nixie": {"date": notice.made_on.isoformat()} if notice.made_on else None,
    }
