"""The stages of intake: decode a received file into pages, split the pages into envelopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import split
from intake.decode import decode_pages, is_x12
from intake.editing import POSITION_STEP
from intake.limits import Limits
from intake.stored import Get, StoredPage, details_of, stored
from intake.types import PageProblem
from records import audit, files, ids, jobs
from records.errors import UnreadableError
from records.models import MailTransaction, PageImage, SourceFile
from records.settings import load_settings
from records.workflow import SOURCE_FILE, move

ACTOR = "system:intake"
X12_MEDIA_TYPE = "application/edi-x12"
_DONE_ALREADY = frozenset({"split", "read", "done"})


@dataclass(frozen=True, slots=True)
class DecodeInput:
    """A received file and the store its pages go to (content-addressed: putting twice is once)."""

    data: bytes
    name: str
    limits: Limits
    put: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A decoded page whose pixels are durable."""

    position: int
    image_sha256: str
    media_type: str
    width: int
    height: int
    dpi: float | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a file turned out to be: pages, an 835 (no pages), or a refusal with its code."""

    media_type: str = ""
    pages: tuple[KeptPage, ...] = ()
    problems: tuple[PageProblem, ...] = ()
    refused: tuple[str, str] | None = None


def load_file(session: Session, source_file_id: str) -> DecodeInput:
    """The bytes, and the limits of this installation."""
    file = session.get_one(SourceFile, source_file_id)
    settings = load_settings()
    limits = replace(
        Limits(),
        max_file_bytes=settings.max_upload_bytes,
        max_era_bytes=settings.era_bytes,
        max_pages=settings.decode_pages,
        max_page_pixels=settings.decode_pixels,
        cpu_seconds=settings.decode_cpu_seconds,
        total_seconds=float(settings.decode_wall_seconds),
        memory_bytes=settings.decode_memory_bytes,
    )
    store = files.store()
    return DecodeInput(store.get(file.sha256), file.name, limits, store.put)


def decode_file(value: DecodeInput) -> Decoded:
    """Decode page by page, each durable before the next is asked for; a refusal is a result."""
    pages: list[KeptPage] = []
    problems: list[PageProblem] = []
    try:
        if is_x12(value.data, value.limits):
            return Decoded(media_type=X12_MEDIA_TYPE)
        for part in decode_pages(value.data, value.name, value.limits):
            if isinstance(part, PageProblem):
                problems.append(part)
            else:
                pages.append(
                    KeptPage(
                        part.index,
                        value.put(part.encoded),
                        part.media_type,
                        part.width,
                        part.height,
                        part.dpi,
                        details_of(part),
                    )
                )
    except UnreadableError as error:
        return Decoded(refused=(error.code, f"{error.message} {error.remedy}".strip()))
    return Decoded("image", tuple(pages), tuple(problems))


def save_pages(session: Session, source_file_id: str, output: Decoded) -> None:
    """Pages become rows; a refused file goes to quarantine, its bytes stay."""
    file = session.get_one(SourceFile, source_file_id, with_for_update=True)
    if output.refused is not None:
        file.error_code, message = output.refused
        file.error_message = message[:400]
        move(file, SOURCE_FILE, "quarantined")
        audit.record(
            session,
            actor=ACTOR,
            action="file.quarantined",
            subject_kind="source_file",
            subject_id=file.id,
            detail={"ref": file.ref, "code": file.error_code},
        )
        return
    file.media_type = output.media_type
    file.page_count = len(output.pages)
    file.problems = [
        {"page": each.index, "code": each.code, "message": each.message} for each in output.problems
    ]
    for page in output.pages:
        session.add(
            PageImage(
                source_file_id=file.id,
                position=page.position,
                image_sha256=page.image_sha256,
                media_type=page.media_type,
                width=page.width,
                height=page.height,
                dpi=page.dpi,
                details=page.details,
            )
        )
    move(file, SOURCE_FILE, "decoded")
    audit.record(
        session,
        actor=ACTOR,
        action="file.decoded",
        subject_kind="source_file",
        subject_id=file.id,
        detail={"ref": file.ref, "pages": file.page_count},
    )
    jobs.follow(session, "file_decoded", file.id)


@dataclass(frozen=True, slots=True)
class SplitInput:
    """The pages of a file, in order; none for an 835."""

    pages: tuple[StoredPage, ...]
    get: Get


def load_pages(session: Session, source_file_id: str) -> SplitInput:
    """The pages as stored."""
    rows = session.scalars(
        select(PageImage)
        .where(PageImage.source_file_id == source_file_id)
        .order_by(PageImage.position)
    )
    return SplitInput(tuple(stored(row) for row in rows), files.store().get)


def plan_envelopes(value: SplitInput) -> split.Plan:
    """Look at each page once, one in memory at a time, and plan the envelopes."""
    return split.plan([split.examine(page.open(value.get)) for page in value.pages])


def save_envelopes(session: Session, source_file_id: str, plan: split.Plan) -> None:
    """Envelopes become rows, to be read; separators and blanks are marked, never lost."""
    file = session.get_one(SourceFile, source_file_id, with_for_update=True)
    if file.state in _DONE_ALREADY:
        return
    pages = {page.position: page for page in file.pages}
    for index in plan.separators:
        pages[index].role = "separator"
    for index in plan.blanks:
        pages[index].role = "blank"
    envelopes = [(each.pages, each.single) for each in plan.envelopes]
    if not pages:
        envelopes = [((), True)]  # an 835: its text is the envelope
    made = []
    for order, (indices, single) in enumerate(envelopes, start=1):
        made.append(
            MailTransaction(
                ref=ids.new_ref("ENV"),
                source_file_id=file.id,
                office_id=file.office_id,
                position=order * POSITION_STEP,
                single=single,
                page_ids=[pages[index].id for index in indices],
            )
        )
    session.add_all(made)
    session.flush()
    move(file, SOURCE_FILE, "split")
    audit.record(
        session,
        actor=ACTOR,
        action="file.split",
        subject_kind="source_file",
        subject_id=file.id,
        detail={"ref": file.ref, "envelopes": len(made)},
    )
    for transaction in made:
        jobs.follow(session, "transaction_split", transaction.id)
    if not made:  # nothing but blanks and separators
        move(file, SOURCE_FILE, "read")
        jobs.follow(session, "file_read", file.id)


STAGES = (
    jobs.Stage("intake.decode", load_file, decode_file, save_pages),
    jobs.Stage("intake.split", load_pages, plan_envelopes, save_envelopes),
)
