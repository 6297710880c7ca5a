"""The stage of reading: an envelope's pages become documents with their readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.jobs import X12_MEDIA_TYPE
from intake.stored import Get, StoredPage, stored_pages
from intake.types import Box
from ocr import payer_layouts, x12
from ocr.blackouts import black_out
from ocr.card_pages import flagged
from ocr.read import ENGINE_VERSION, read_pages, read_x12, reading_to_json
from ocr.types import Reading
from records import audit, files, ids, jobs
from records.models import Document, MailTransaction, ReadingRow, SourceFile
from records.settings import load_settings
from records.workflow import SOURCE_FILE, TRANSACTION, move

ACTOR = "system:ocr"


@dataclass(frozen=True, slots=True)
class Input:
    """An envelope's pages with the layouts that people taught, or the text of an 835."""

    source: str
    pages: tuple[StoredPage, ...]
    single: bool
    text: bytes
    get: Get
    layouts: tuple[payer_layouts.Json, ...] = ()
    mailers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """One document: its reading as the contract's JSON, its pages by id, where it lies.

    ``masks`` are boxes, by page id, that nobody may see, in pixels of the page as it was read.
    """

    kind: str
    envelope: int
    page_ids: tuple[str, ...]
    region: Box | None
    json: dict[str, Any]
    masks: tuple[tuple[str, Box], ...] = ()


def load(session: Session, transaction_id: str) -> Input:
    """The envelope as it was split."""
    envelope = session.get_one(MailTransaction, transaction_id)
    file = envelope.source_file
    store = files.store()
    text = store.get(file.sha256) if file.media_type == X12_MEDIA_TYPE else b""
    return Input(
        file.name, tuple(stored_pages(session, envelope.page_ids)), envelope.single, text,
        store.get, payer_layouts.live(session), load_settings().mailers,
    )  # fmt: skip


def work(value: Input) -> tuple[ReadDocument, ...]:
    """Read every page of the envelope."""
    if value.text:
        readings = read_x12(x12.text_of(value.text)[0])
    else:
        readings = read_pages(
            [page.open(value.get) for page in value.pages],
            single_envelope=value.single,
            layouts=value.layouts,
            mailers=value.mailers,
        )
    page_ids = {page.index: page.id for page in value.pages}
    masked = {page.index for page in value.pages if page.masks}
    return tuple(
        _document(flagged(reading, masked), value.source, page_ids) for reading in readings
    )


def save(session: Session, transaction_id: str, documents: tuple[ReadDocument, ...]) -> None:
    """Documents and readings become rows; the last envelope of a file says the file is read."""
    envelope = session.get_one(MailTransaction, transaction_id, with_for_update=True)
    if envelope.state != "waiting":  # the page editor replaced it meanwhile
        return
    file = session.get_one(SourceFile, envelope.source_file_id, with_for_update=True)
    numbers = sorted({each.envelope for each in documents})
    homes = {numbers[0]: envelope} if len(numbers) == 1 else {}
    if len(numbers) > 1:
        homes = _divide(session, envelope, documents, numbers)
    for position, each in enumerate(documents):
        _add_document(session, homes[each.envelope], position, each)
        black_out(session, each.masks)
    for home in homes.values() or [envelope]:
        move(home, TRANSACTION, "read")
    audit.record(
        session,
        actor=ACTOR,
        action="envelope.read",
        subject_kind="transaction",
        subject_id=envelope.id,
        detail={"documents": len(documents), "engine": ENGINE_VERSION},
    )
    session.flush()
    waiting = session.scalar(
        select(func.count())
        .select_from(MailTransaction)
        .where(
            MailTransaction.source_file_id == file.id,
            MailTransaction.live,
            MailTransaction.state == "waiting",
        )
    )
    if not waiting:
        move(file, SOURCE_FILE, "read")
        # Reading anew after the page editor is a new event of the same file: a key of its own.
        jobs.follow(session, "file_read", file.id, key=envelope.id)


STAGES = (jobs.Stage("ocr.read", load, work, save),)


def _document(reading: Reading, source: str, page_ids: dict[int, str]) -> ReadDocument:
    return ReadDocument(
        kind=reading.kind,
        envelope=reading.transaction,
        page_ids=tuple(page_ids[page] for page in reading.pages if page in page_ids),
        region=reading.region,
        json=reading_to_json(reading, source),
        masks=tuple((page_ids[page], box) for page, box in reading.masks if page in page_ids),
    )


def _divide(
    session: Session,
    envelope: MailTransaction,
    documents: tuple[ReadDocument, ...],
    numbers: list[int],
) -> dict[int, MailTransaction]:
    """Reading found several envelopes where no separator lay: each gets a row of its own."""
    homes: dict[int, MailTransaction] = {}
    for order, number in enumerate(numbers):
        pages = [page for each in documents if each.envelope == number for page in each.page_ids]
        homes[number] = MailTransaction(
            ref=ids.new_ref("ENV"),
            source_file_id=envelope.source_file_id,
            office_id=envelope.office_id,
            position=envelope.position + order,
            page_ids=list(dict.fromkeys(pages)),
            single=True,
        )
    session.add_all(homes.values())
    session.flush()
    envelope.live = False
    envelope.replaced_by_id = homes[numbers[0]].id
    move(envelope, TRANSACTION, "replaced")
    return homes


def _add_document(
    session: Session, envelope: MailTransaction, position: int, each: ReadDocument
) -> None:
    document = Document(
        ref=ids.new_ref("DOC"),
        transaction_id=envelope.id,
        position=position,
        kind=each.kind,
        page_ids=list(each.page_ids),
        region=list(each.region) if each.region else None,
    )
    session.add(document)
    session.flush()
    session.add(
        ReadingRow(document_id=document.id, version=1, sealed=each.json, made_by=ENGINE_VERSION)
    )
