"""The stage that makes each check's two views as a bank takes them, and judges their quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.bank_setup import limits_of
from deposits.icl import quality, views
from deposits.icl.group4 import Bits, to_ink, to_tiff
from deposits.icl.limits import LIMITS, Limits
from deposits.icl.tiff import placed_strip
from deposits.icl.views import DPI
from intake.pixels import crop
from intake.stored import Get, StoredPage, stored_pages
from intake.types import Box, Page, Pixels
from ocr.prepare import find_checks, whole_page_region
from records import audit, clock, files
from records.errors import Conflict, LockboxError, NotFound
from records.jobs import Stage
from records.models import CheckImage, PageImage, Payment

ACTOR = "system:imaging"
NO_PAGE, UNREADABLE = "no_page", "page_unreadable"


@dataclass(frozen=True, slots=True)
class Paper:
    """A check's pages, front first, and the part of the front's page that it lies on.

    ``limits``: from where the bank that it goes to doubts an image.
    """

    payment_id: str
    pages: tuple[StoredPage, ...]
    region: Box | None
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Papers:
    """The checks of an envelope whose views are not made yet."""

    checks: tuple[Paper, ...]
    get: Get


@dataclass(frozen=True, slots=True)
class Made:
    """Both views as image files, or the code of what kept them from being made."""

    payment_id: str
    front: bytes = b""
    back: bytes = b""
    back_made: bool = False
    suspects: tuple[dict[str, Any], ...] = field(default=())
    problem: str = ""


def load(session: Session, transaction_id: str) -> Papers:
    """The envelope's live checks without views."""
    wanted = session.scalars(
        select(Payment.id).where(
            Payment.transaction_id == transaction_id, Payment.kind == "check", Payment.live
        )
    ).all()
    return papers(session, wanted)


def papers(session: Session, payment_ids: Sequence[str]) -> Papers:
    """Those of these checks whose views are not made yet."""
    done = select(CheckImage.payment_id)
    rows = session.scalars(
        select(Payment)
        .where(Payment.id.in_(payment_ids), Payment.id.not_in(done))
        .order_by(Payment.id)
    ).all()
    return Papers(tuple(_paper(session, row) for row in rows), files.store().get)


def _paper(session: Session, payment: Payment) -> Paper:
    document = payment.document
    wanted = [str(each) for each in document.page_ids]
    held = set(session.scalars(select(PageImage.id).where(PageImage.id.in_(wanted))))
    pages = tuple(stored_pages(session, [each for each in wanted if each in held]))
    region = document.region
    box = None if region is None else (region[0], region[1], region[2], region[3])
    return Paper(payment.id, pages, box, limits_of(payment.office.bank_account))


def work(value: Papers) -> tuple[Made, ...]:
    """Make the views of every check."""
    return tuple(make(paper, value.get) for paper in value.checks)


def make(paper: Paper, get: Get) -> Made:
    """Both views of one check; a page that is damaged is a problem of this check alone."""
    if not paper.pages:
        return Made(paper.payment_id, problem=NO_PAGE)
    try:
        opened = [page.open(get) for page in paper.pages[:2]]
    except LockboxError:
        return Made(paper.payment_id, problem=UNREADABLE)
    sheet = _part(opened[0], paper.region)
    regions = find_checks(sheet) or (whole_page_region(sheet),)
    region = max(regions, key=lambda each: each.pixels.size)
    front = views.front_view(region)
    back, behind = views.blank_view(front), None
    if len(opened) > 1:
        place = _placed(region.box, paper.region)
        back = views.back_view(opened[1], front, opened[0], place)
        behind = views.behind(opened[1].pixels, opened[0].pixels.shape, place)
    known = quality.capture(sheet, region, others=len(regions) - 1, back=behind)
    found = quality.suspects(front, back, known, paper.limits)
    return Made(
        paper.payment_id, to_tiff(front.ink, DPI), to_tiff(back.ink, DPI), back.made,
        tuple(each.to_json() for each in found),
    )  # fmt: skip


def _placed(box: Box, region: Box | None) -> Box:
    """A box of a part of the page as a box of the page."""
    if region is None:
        return box
    return box[0] + region[0], box[1] + region[1], box[2], box[3]


def _part(page: Page, region: Box | None) -> Page:
    if region is None:
        return page
    return Page(page.index, crop(page.pixels, region), page.dpi)


def save(session: Session, transaction_id: str, made: tuple[Made, ...]) -> None:
    """Keep the views; those that somebody else made meanwhile stay."""
    del transaction_id
    keep(session, made)


def keep(session: Session, made: Sequence[Made]) -> None:
    """Views become files and rows, each check once."""
    store = files.store()
    ids = sorted(each.payment_id for each in made)
    session.scalars(
        select(Payment.id).where(Payment.id.in_(ids)).order_by(Payment.id).with_for_update()
    ).all()
    todo = set(missing(session, ids))
    for each in made:
        if each.payment_id not in todo:
            continue
        session.add(CheckImage(
            payment_id=each.payment_id, problem=each.problem, back_made=each.back_made,
            front_sha256=store.put(each.front) if each.front else None,
            back_sha256=store.put(each.back) if each.back else None,
            suspects=list(each.suspects),
        ))  # fmt: skip
    session.flush()


def missing(session: Session, payment_ids: Sequence[str]) -> list[str]:
    """Those of these checks that have no views yet."""
    done = set(session.scalars(
        select(CheckImage.payment_id).where(CheckImage.payment_id.in_(payment_ids))
    ))  # fmt: skip
    return [each for each in payment_ids if each not in done]


def accept(session: Session, payment_id: str, actor: str) -> None:
    """A person sends a check's suspect images all the same, by name.

    NotFound ``image_unknown``; Conflict ``image_not_made`` where there is none to send.
    """
    image = session.scalars(
        select(CheckImage).where(CheckImage.payment_id == payment_id).with_for_update()
    ).one_or_none()
    if image is None:
        raise NotFound("image_unknown", "This check has no images yet.", "Wait a moment.")
    if image.problem:
        raise Conflict("image_not_made", "There is no image of this check to send.",
                       "Scan it again, or take it to the bank by hand.")  # fmt: skip
    if image.accepted_by is None:
        image.accepted_by, image.accepted_at = actor, clock.now()
        session.flush()
        names = ",".join(sorted({str(each["name"]) for each in image.suspects}))
        audit.record(session, actor=actor, action="check_image.accepted", subject_kind="payment",
                     subject_id=payment_id, detail={"suspects": names})  # fmt: skip


def ink_of(tiff: bytes) -> Bits:
    """The ink of a view of ours."""
    placed = placed_strip(tiff)
    assert placed is not None  # noqa: S101 - narrows; this program wrote the file
    strip, width, height, _ = placed
    return to_ink(strip, width, height)


def pixels(tiff: bytes) -> Pixels:
    """A view of ours as pixels, ink black."""
    return np.where(ink_of(tiff), 0, 255).astype(np.uint8)


def analysis_of(image: CheckImage) -> tuple[dict[str, int], dict[str, int]]:
    """What record 54 says of front and back."""
    told = tuple(
        quality.Suspect(str(e["name"]), str(e["side"]), float(e["found"]), float(e["limit"]))
        for e in image.suspects
    )
    return quality.analysis(told, "front"), quality.analysis(told, "back")


STAGE: Stage[Papers, tuple[Made, ...]] = Stage("deposits.image_checks", load, work, save)
