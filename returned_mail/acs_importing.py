"""An ACS file as returned mail: each notice goes the way of a scanned piece, without a picture.

The file is taken in by jobs, block by block, each in a transaction of its own: after a crash the
blocks that are missing are done, and none twice. The same file twice changes nothing; the same
piece in two files, or also scanned, is one piece: ``arrivals`` knows it by its barcode. A new
address is only proposed, as one on a label is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, files, ids, jobs, row_locks
from records.db import Database
from records.errors import Conflict, NotFound
from records.files import FileStore
from records.jobs import Stage
from records.models import (
    AcsFile,
    Document,
    Job,
    MailTransaction,
    Office,
    ReadingRow,
    SourceFile,
)
from records.workflow import SOURCE_FILE, move
from returned_mail import acs
from returned_mail.acs import Notice

CHANNEL: Final = "acs"
BLOCK: Final = 500
"""Records a transaction; about a second, in which nobody else writes on SQLite."""
_STAGE: Final = "returned_mail.acs_block"
_FIRST_POSITION: Final = 1000
_SURE: Final = 1.0
"""The Postal Service says it in characters: there is nothing to be misread."""
_WAIT_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file whose bytes are stored and whose header was read; ``records`` lines follow it."""

    sha256: str
    size: int
    announced: int | None
    records: int


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a file that was given in: ``new``, ``begun_again``, ``known``, or
    ``elsewhere`` (known from another office; its reference is that office's)."""

    file_id: str
    file_ref: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is; ``stuck`` blocks of it have failed and wait for a person."""

    file_ref: str
    name: str
    office_code: str
    announced: int | None
    records: int
    taken: int
    refused: tuple[acs.Refused, ...]
    done: bool
    stuck: int

    @property
    def incomplete(self) -> bool:
        """Whether the header announces another number of records than there are."""
        return self.announced is not None and self.announced != self.records

    def to_json(self) -> dict[str, Any]:
        """For the command and the API."""
        return {
            "file": self.file_ref, "taken": self.taken, "announced": self.announced,
            "records": self.records, "incomplete": self.incomplete, "done": self.done,
            "stuck": self.stuck,
            "refused": [{"line": each.line, "reason": each.reason} for each in self.refused],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of a file; ``first`` is the line of the first of them, from 1."""

    first: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What a block says."""

    notices: tuple[Notice, ...]
    refused: tuple[acs.Refused, ...]


def prepare(store: FileStore, data: bytes) -> Prepared:
    """Keep the bytes and read the header; UnreadableError ``not_acs``."""
    lines = acs.split(data)
    return Prepared(store.put(data), len(data), acs.announced(lines[0]), len(lines) - 1)


def give(
    session: Session, prepared: Prepared, name: str, office_id: str, actor: str
) -> Given:  # fmt: skip
    """Take a file in for an office; its blocks become jobs.

    A file that was given before and is not through is begun again where it stopped. Raises
    NotFound ``office_unknown``, Conflict ``given_as_scan`` where these bytes are a scan of ours.
    """
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("office_unknown", "There is no such office.", "Choose another.")
    before = session.scalar(select(SourceFile).where(SourceFile.sha256 == prepared.sha256))
    if before is not None:
        return _given_before(session, before, office, actor)
    file = SourceFile(
        ref=ids.new_ref("ITM"),
        sha256=prepared.sha256,
        name=name[:200],
        size_bytes=prepared.size,
        media_type="acs",
        office_id=office.id,
        channel=CHANNEL,
        uploaded_by=actor,
        received_on=clock.now().date(),
        state="read" if prepared.records else "done",
    )
    session.add(file)
    session.flush()
    session.add(
        AcsFile(source_file_id=file.id, announced=prepared.announced, records=prepared.records)
    )
    session.flush()
    for first in range(2, prepared.records + 2, BLOCK):
        jobs.follow(session, "acs_block_given", f"{file.id}:{first}")
    _told(session, file, actor, "acs.given", records=prepared.records)
    return Given(file.id, file.ref, "new")


def run(db: Database, file_id: str) -> None:
    """Do what is left of a file here and now, beside any workers; ends also where blocks fail."""
    while True:
        with db.read() as session:
            left = _blocks(session, file_id, ("queued", "running"))
        if not left:
            return
        ran = [jobs.run_one(db, jobs.this_worker(), {_STAGE: STAGE}, job_id=each) for each in left]
        if not any(ran):  # a worker holds them, or they wait before they are tried again
            time.sleep(_WAIT_SECONDS)


def progress(
    session: Session, offices: frozenset[str] | None, *, file_ref: str = "", limit: int = 10
) -> list[Progress]:
    """How far the latest files of these offices (ids; None: all) are, or the one named."""
    query = (
        select(AcsFile)
        .join(SourceFile, SourceFile.id == AcsFile.source_file_id)
        .order_by(AcsFile.created_at.desc())
        .limit(limit)
    )
    if offices is not None:
        query = query.where(SourceFile.office_id.in_(offices))
    if file_ref:
        query = query.where(SourceFile.ref == file_ref)
    return [_progress(session, each) for each in session.scalars(query)]


def load(session: Session, subject_id: str) -> Block:
    """The lines of a block, named by its file and its first line."""
    file_id, first = _of(subject_id)
    lines = acs.split(files.store().get(session.get_one(SourceFile, file_id).sha256))
    return Block(first, tuple(lines[first - 1 : first - 1 + BLOCK]))


def work(value: Block) -> Read:
    """Every record read or refused."""
    return Read(*acs.records(value.lines, value.first))


def save(session: Session, subject_id: str, output: Read) -> None:
    """Each notice becomes a piece whose task is to be opened, once a line of the file."""
    file_id, _ = _of(subject_id)
    file = row_locks.locked(session, SourceFile, file_id)
    row = session.scalars(
        select(AcsFile)
        .where(AcsFile.source_file_id == file_id)
        .execution_options(populate_existing=True)
    ).one()
    if file is None or file.state != "read":
        return  # taken in whole already
    there = _positions(session, file_id, output.notices)
    made = [
        _document(session, file, _FIRST_POSITION + notice.line, notice)
        for notice in output.notices
        if _FIRST_POSITION + notice.line not in there
    ]
    session.flush()
    jobs.follow_each(session, "returned_mail_registered", [each.id for each in made])
    row.taken += len(made)
    row.refused = [*row.refused, *([each.line, each.reason] for each in output.refused)]
    if not _blocks(session, file_id, ("queued", "running", "dead"), beside=subject_id):
        move(file, SOURCE_FILE, "done")
        _told(session, file, f"stage:{_STAGE}", "acs.imported",
              taken=row.taken, refused=len(row.refused))  # fmt: skip


STAGE: Final = Stage(_STAGE, load, work, save)


def _given_before(session: Session, before: SourceFile, office: Office, actor: str) -> Given:
    if before.channel != CHANNEL:
        raise Conflict(
            "given_as_scan",
            "These very bytes were given in as a scan, and are kept as that.",
            "Ask the Postal Service for the file once more, or split it and give the parts.",
        )
    if before.office_id != office.id:
        _told(session, before, actor, "acs.given_again", office=office.code)
        return Given(before.id, "", "elsewhere")
    if before.state == "done":
        return Given(before.id, before.ref, "known")
    for job_id in _blocks(session, before.id, ("dead",)):
        jobs.retry(session, job_id, actor)
    return Given(before.id, before.ref, "begun_again")


def _of(subject_id: str) -> tuple[str, int]:
    file_id, _, first = subject_id.partition(":")
    return file_id, int(first)


def _blocks(
    session: Session, file_id: str, states: tuple[str, ...], *, beside: str = ""
) -> list[str]:
    query = select(Job.id).where(
        Job.stage == _STAGE, Job.subject_id.startswith(f"{file_id}:", autoescape=True),
        Job.subject_id != beside, Job.state.in_(states),
    )  # fmt: skip
    return list(session.scalars(query.order_by(Job.id)))


def _positions(session: Session, file_id: str, notices: tuple[Notice, ...]) -> frozenset[int]:
    if not notices:
        return frozenset()
    first, last = (_FIRST_POSITION + notices[at].line for at in (0, -1))
    query = select(MailTransaction.position).where(
        MailTransaction.source_file_id == file_id, MailTransaction.position.between(first, last)
    )
    return frozenset(session.scalars(query))


def _progress(session: Session, row: AcsFile) -> Progress:
    file = row.source_file
    return Progress(
        file_ref=file.ref,
        name=file.name,
        office_code=file.office.code,
        announced=row.announced,
        records=row.records,
        taken=row.taken,
        refused=tuple(acs.Refused(line, why) for line, why in sorted(row.refused)),
        done=file.state == "done",
        stuck=len(_blocks(session, file.id, ("dead",))),
    )


def _told(session: Session, file: SourceFile, actor: str, action: str, **detail: Any) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="source_file",
                 subject_id=file.id, detail=detail)  # fmt: skip


def _document(session: Session, file: SourceFile, position: int, notice: Notice) -> Document:
    envelope = MailTransaction(
        id=ids.new_id(), ref=ids.new_ref("ENV"), source_file_id=file.id, office_id=file.office_id,
        position=position, page_ids=[], state="settled",
    )  # fmt: skip
    document = Document(
        id=ids.new_id(), ref=ids.new_ref("DOC"), transaction_id=envelope.id, position=0,
        kind="returned_mail", page_ids=[], region=None,
    )  # fmt: skip
    said = {
        name: {"value": value, "confidence": _SURE, "page": None, "box": None, "source": "acs",
               "alternatives": []}
        for name, value in _fields(notice).items()
        if value
    }  # fmt: skip
    sealed = {"kind": "returned_mail", "pages": [], "fields": said, "warnings": []}
    reading = ReadingRow(document_id=document.id, version=1, sealed=sealed, made_by="acs")
    session.add_all((envelope, document, reading))  # written together with the block's others
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
