"""A remittance read again, by layouts learned since or because a person says that it is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from intake.stored import Get, StoredPage, stored_pages
from intake.types import Box
from matching import remittance_grid as grid
from matching import remittance_partners
from matching.fingerprints import lock
from ocr import payer_layouts
from ocr.blackouts import black_out
from ocr.card_pages import flagged
from ocr.read import ENGINE_VERSION, read_as_remittance, reading_to_json
from records import audit, files, jobs
from records.errors import NotFound
from records.models import Document, ReadingRow

ACTOR = "system:reread"
AT_ONCE = 12  # a page of print costs one, a scanned one six: what a person waits for
_SCANNED = 6


@dataclass(frozen=True, slots=True)
class Input:
    """A document's pages, the layouts in force, and the reading there is."""

    source: str
    pages: tuple[StoredPage, ...]
    layouts: tuple[payer_layouts.Json, ...]
    version: int
    get: Get

    @property
    def effort(self) -> int:
        """How much work it is, in pages of print."""
        return sum(1 if page.words else _SCANNED for page in self.pages)


@dataclass(frozen=True, slots=True)
class Reread:
    """The new reading as JSON, the version that it follows, and what of its pages to black out."""

    body: dict[str, Any]
    version: int
    masks: tuple[tuple[str, Box], ...] = ()


def load(session: Session, document_id: str) -> Input:
    """The document as it is now."""
    document = session.get(Document, document_id)
    if document is None or not document.readings:
        raise NotFound("unknown_document", "There is no such document.")
    return Input(
        document.transaction.source_file.name,
        tuple(stored_pages(session, document.page_ids)),
        payer_layouts.live(session),
        document.reading.version,
        files.store().get,
    )


def work(value: Input) -> Reread:
    """Read all pages as one remittance."""
    read = read_as_remittance([page.open(value.get) for page in value.pages],
                              layouts=value.layouts)  # fmt: skip
    reading = flagged(read, {page.index for page in value.pages if page.masks})
    ids = {page.index: page.id for page in value.pages}
    masks = tuple((ids[page], box) for page, box in reading.masks)
    return Reread(reading_to_json(reading, value.source), value.version, masks)


def save(session: Session, document_id: str, made: Reread) -> None:
    """The new reading of a document that nobody has changed meanwhile.

    What a person keyed or checked of its head stays; its lines are those of the new reading.
    """
    lock(session)  # before any row
    document = session.get_one(Document, document_id, with_for_update=True)
    session.expire(document, ["readings"])
    last = document.reading
    if not document.live or last.version != made.version:
        return
    black_out(session, made.masks)
    body = {**made.body, "fields": _kept(last.sealed, made.body["fields"])}
    session.add(ReadingRow(document_id=document.id, version=last.version + 1, sealed=body,
                           made_by=ENGINE_VERSION))  # fmt: skip
    session.flush()
    session.expire(document, ["readings"])
    audit.record(session, actor=ACTOR, action="remittance.reread", subject_kind="document",
                 subject_id=document.id, detail={"version": last.version + 1})  # fmt: skip
    remittance_partners.changed(session, document, ACTOR)


STAGE = jobs.Stage(name="matching.reread", load=load, work=work, save=save)


def _kept(before: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    old = before.get("fields") or {}
    by_hand = {
        column.name: old[column.name] for column in grid.HEAD if _by_hand(old.get(column.name))
    }
    return {**fields, **by_hand}


def _by_hand(field: Any) -> bool:
    if not isinstance(field, Mapping):
        return False
    return bool(field.get("checked_by")) or str(field.get("source") or "").startswith("user:")
