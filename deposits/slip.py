"""The deposit slip and the prooflist as PDF: what a teller counts, and what an auditor looks at."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import inch
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy.orm import Session

from records.errors import LockboxError, NotFound
from records.files import FileStore
from records.models import Deposit, DepositItem, PageImage
from records.money import Money

_WIDTH, _HEIGHT = letter
_MARGIN = 0.75 * inch
_ROW = 0.22 * inch
_SLIP_ROWS = 38
_THUMB_WIDTH, _THUMB_HEIGHT = 3.3 * inch, 1.45 * inch
_CARD_HEIGHT = 2.05 * inch
_CARDS_PER_PAGE = 8
_THUMB_PIXELS = (660, 290)


@dataclass(frozen=True, slots=True)
class SlipItem:
    """One check as it stands on paper; ``front`` is an encoded image of it, empty when missing."""

    position: int
    ref: str
    check_number: str
    payer_name: str
    amount_cents: int
    front: bytes = b""


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """A deposit as it stands on paper; the account shows its last four digits only."""

    ref: str
    state: str
    bank_name: str
    account_last4: str
    business_on: str
    closed_by: str
    approved_by: str
    items: tuple[SlipItem, ...]

    @property
    def total_cents(self) -> int:
        """The sum of all items."""
        return sum(item.amount_cents for item in self.items)


def slip_pdf(session: Session, store: FileStore, deposit_id: str) -> bytes:
    """The deposit slip: every check with its number and amount, count and total."""
    return draw_slip(_sheet(session, store, deposit_id, with_images=False))


def prooflist_pdf(session: Session, store: FileStore, deposit_id: str) -> bytes:
    """The prooflist: as the slip, with a small picture of each check's front."""
    return draw_prooflist(_sheet(session, store, deposit_id, with_images=True))


def draw_slip(sheet: SlipSheet) -> bytes:
    """A PDF of as many letter pages as needed; the total stands on the last."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=1)
    canvas.setTitle(f"Deposit slip {sheet.ref}")
    pages = [sheet.items[at : at + _SLIP_ROWS] for at in range(0, len(sheet.items), _SLIP_ROWS)]
    for number, items in enumerate(pages or [()], start=1):
        y = _heading(canvas, sheet, "Deposit slip", number, len(pages) or 1)
        for item in items:
            canvas.setFont("Helvetica", 9)
            canvas.drawString(_MARGIN, y, str(item.position))
            canvas.drawString(_MARGIN + 0.5 * inch, y, item.ref)
            canvas.drawString(_MARGIN + 1.9 * inch, y, item.check_number or "-")
            canvas.drawString(_MARGIN + 3.2 * inch, y, item.payer_name[:36])
            canvas.drawRightString(_WIDTH - _MARGIN, y, str(Money(item.amount_cents)))
            y -= _ROW
        if number == (len(pages) or 1):
            _total(canvas, sheet, y)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def draw_prooflist(sheet: SlipSheet) -> bytes:
    """A PDF with two columns of checks: picture, reference, number, payer and amount."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=1)
    canvas.setTitle(f"Prooflist {sheet.ref}")
    per_page = _CARDS_PER_PAGE
    pages = [sheet.items[at : at + per_page] for at in range(0, len(sheet.items), per_page)]
    for number, items in enumerate(pages or [()], start=1):
        top = _heading(canvas, sheet, "Prooflist", number, len(pages) or 1)
        for place, item in enumerate(items):
            x = _MARGIN + (place % 2) * (_THUMB_WIDTH + 0.3 * inch)
            _card(canvas, item, x, top - (place // 2) * _CARD_HEIGHT)
        if number == (len(pages) or 1):
            _total(canvas, sheet, _MARGIN - 0.1 * inch)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _heading(canvas: Canvas, sheet: SlipSheet, title: str, number: int, pages: int) -> float:
    """Draws the page's head; the y below it."""
    y = _HEIGHT - _MARGIN
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(_MARGIN, y, f"{title} {sheet.ref}")
    canvas.setFont("Helvetica", 9)
    canvas.drawRightString(_WIDTH - _MARGIN, y, f"Page {number} of {pages}")
    y -= 0.22 * inch
    account = f"{sheet.bank_name}, account ending {sheet.account_last4}"
    canvas.drawString(_MARGIN, y, f"{account}   Business date {sheet.business_on}")
    y -= 0.18 * inch
    people = f"Closed by {sheet.closed_by or '-'}   Approved by {sheet.approved_by or '-'}"
    canvas.drawString(_MARGIN, y, people)
    if not sheet.approved_by:
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawRightString(_WIDTH - _MARGIN, y, f"NOT APPROVED ({sheet.state})")
    elif sheet.state == "rejected":
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawRightString(_WIDTH - _MARGIN, y, "REJECTED, NOT TO BE DEPOSITED")
    y -= 0.1 * inch
    canvas.line(_MARGIN, y, _WIDTH - _MARGIN, y)
    return y - 0.22 * inch


def _total(canvas: Canvas, sheet: SlipSheet, y: float) -> None:
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawString(_MARGIN, y, f"{len(sheet.items)} checks")
    canvas.drawRightString(_WIDTH - _MARGIN, y, f"Total {Money(sheet.total_cents)}")


def _card(canvas: Canvas, item: SlipItem, x: float, top: float) -> None:
    frame = top - _THUMB_HEIGHT
    picture = _thumbnail(item.front) if item.front else None
    if picture is None:
        canvas.rect(x, frame, _THUMB_WIDTH, _THUMB_HEIGHT)
        canvas.setFont("Helvetica-Oblique", 8)
        canvas.drawCentredString(x + _THUMB_WIDTH / 2, frame + _THUMB_HEIGHT / 2, "no image")
    else:
        canvas.drawImage(
            picture, x, frame, _THUMB_WIDTH, _THUMB_HEIGHT, preserveAspectRatio=True, anchor="sw"
        )
    canvas.setFont("Helvetica", 8)
    label = f"{item.position}  {item.ref}  #{item.check_number or '-'}"
    canvas.drawString(x, frame - 0.14 * inch, label)
    canvas.drawString(x, frame - 0.28 * inch, item.payer_name[:34])
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawRightString(x + _THUMB_WIDTH, frame - 0.28 * inch, str(Money(item.amount_cents)))


def _thumbnail(encoded: bytes) -> ImageReader | None:
    """A small gray picture; None when the bytes are no image that can be drawn."""
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            small = image.convert("L")
            small.thumbnail(_THUMB_PIXELS)
            kept = io.BytesIO()
            small.save(kept, "JPEG", quality=70)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    kept.seek(0)
    return ImageReader(kept)


def _sheet(session: Session, store: FileStore, deposit_id: str, *, with_images: bool) -> SlipSheet:
    deposit = session.get(Deposit, deposit_id)
    if deposit is None:
        raise NotFound("deposit_unknown", "There is no such deposit.", "Reload the page.")
    account = deposit.bank_account
    return SlipSheet(
        ref=deposit.ref,
        state=deposit.state,
        bank_name=account.name,
        account_last4=account.account_last4,
        business_on=deposit.business_on.isoformat(),
        closed_by=_person(deposit.closed_by),
        approved_by=_person(deposit.approved_by),
        items=_items(session, store, deposit.items, with_images=with_images),
    )


def _person(actor: str | None) -> str:
    return (actor or "").removeprefix("user:")


def _items(
    session: Session, store: FileStore, items: Sequence[DepositItem], *, with_images: bool
) -> tuple[SlipItem, ...]:
    return tuple(
        SlipItem(
            position=number,
            ref=item.payment.ref,
            check_number=item.payment.check_number,
            payer_name=item.payment.payer_name,
            amount_cents=item.amount_cents,
            front=_front(session, store, item) if with_images else b"",
        )
        for number, item in enumerate(items, start=1)
    )


def _front(session: Session, store: FileStore, item: DepositItem) -> bytes:
    """The check's first page as PNG, turned and cut as a person sees it; empty when missing."""
    document = item.payment.document
    if not document.page_ids:
        return b""
    page = session.get(PageImage, str(document.page_ids[0]))
    if page is None:
        return b""
    try:
        return _cut(store.get(page.image_sha256), page.rotation, document.region)
    except LockboxError:
        return b""  # the list is still a list; the missing image shows as such


def _cut(encoded: bytes, rotation: int, region: Sequence[int] | None) -> bytes:
    """The page turned clockwise by ``rotation``, cut to ``region`` (x, y, width, height)."""
    if not rotation and not region:
        return encoded
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            turned = image.rotate(-rotation, expand=True) if rotation else image.copy()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return b""
    if region:
        x, y, width, height = region
        turned = turned.crop((x, y, x + width, y + height))
    kept = io.BytesIO()
    turned.save(kept, "PNG")
    return kept.getvalue()
