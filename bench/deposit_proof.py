"""Whether a cash letter is its deposit: each image against the scan it came from, each total.

The scan's own ink is taken the plain way, by one level for the whole check (Otsu's), so that a view
is not judged by what made it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import cv2
import numpy as np
import pypdfium2
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits import imaging, slip
from deposits.icl import views
from deposits.icl.group4 import Bits
from intake import x9
from intake.pixels import crop, gray
from intake.stored import StoredPage, stored_pages
from intake.types import Page, Pixels
from ocr.prepare import CheckRegion, find_checks, whole_page_region
from records.files import FileStore
from records.models import Deposit, Payment
from records.models.ledger import JournalEntry, JournalLine
from records.money import Money

_AMOUNT = re.compile(r"\$[\d,]+\.\d{2}")
_BED_EDGE = 9
_NEAR = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Looked:
    """One item of the letter against its scan; shares are of ink pixels, within one pixel.

    ``shown``: how much of the letter's ink is ink of the scan; ``kept``: how much of the scan's is
    ink of the letter; ``back_kept``: the same of the back, None where nobody scanned it. ``micr``
    is the line as our reader has it from the letter's image, ``scanned`` from the scan.
    """

    ref: str
    shown: float
    kept: float
    back_kept: float | None
    micr: str
    scanned: str

    @property
    def same_line(self) -> bool:
        """Whether the letter's image reads as the scan does."""
        return self.micr == self.scanned


def looked_at(
    session: Session, store: FileStore, deposit: Deposit, letter: bytes,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Looked]:  # fmt: skip
    """Each check of a letter against its scan, in order."""
    checks = [each for each in x9.read_items(x9.read_records(io.BytesIO(letter)))
              if each.kind == "check"]  # fmt: skip
    for check, item in zip(checks, deposit.items, strict=True):
        front, back = (each.image for each in check.views[:2])
        yield _looked(session, store, item.payment, imaging.ink_of(front), imaging.ink_of(back))
        told(1)


def _looked(
    session: Session, store: FileStore, payment: Payment, front: Bits, back: Bits
) -> Looked:
    pages = stored_pages(session, [str(each) for each in payment.document.page_ids])
    sheet = _sheet(pages[0], store, payment)
    region = _largest(find_checks(sheet) or (whole_page_region(sheet),))
    scanned = _plain(region.pixels)
    shown = np.where(front, 0, 255).astype(np.uint8)
    found = find_checks(Page(0, shown, float(views.DPI)))
    line = _largest(found).micr if found else None
    return Looked(
        payment.ref, _share(front, scanned), _share(scanned, front),
        _back_kept(pages, store, payment, back, region),
        line.text if line else "", region.micr.text if region.micr else "",
    )  # fmt: skip


def _sheet(page: StoredPage, store: FileStore, payment: Payment) -> Page:
    opened, region = page.open(store.get), payment.document.region
    if region is None:
        return opened
    box = (region[0], region[1], region[2], region[3])
    return Page(opened.index, crop(opened.pixels, box), opened.dpi)


def _largest(regions: tuple[CheckRegion, ...]) -> CheckRegion:
    return max(regions, key=lambda each: each.pixels.size)


def _back_kept(
    pages: list[StoredPage], store: FileStore, payment: Payment, back: Bits, region: CheckRegion
) -> float | None:
    """How much of the scanned back's ink the letter has; the endorsement comes on top of it."""
    if len(pages) < 2 or payment.document.region is not None:
        return None
    front = pages[0].open(store.get)
    part = views.behind(gray(pages[1].open(store.get).pixels), front.pixels.shape[:2], region.box)
    size = (back.shape[1], back.shape[0])
    sized = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    ink = _plain(np.asarray(sized, np.uint8))
    return _share(ink, back) if ink.any() else 1.0


def _plain(shades: Pixels) -> Bits:
    """Ink by one level for the whole paper; a dark scanner bed around it is no ink.

    The bed is what is dark and touches the picture's edge; the level is that of the rest.
    """
    _, dark = cv2.threshold(shades, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, labels = cv2.connectedComponents(np.asarray(dark, np.uint8), connectivity=8)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    bed = np.isin(labels, np.unique(edge[edge > 0])).astype(np.uint8)
    if not bed.any():
        return np.asarray(dark, np.bool_)
    paper = cv2.dilate(bed, np.ones((_BED_EDGE, _BED_EDGE), np.uint8)) == 0
    if not paper.any():
        return np.zeros(shades.shape, np.bool_)
    level, _ = cv2.threshold(shades[paper].reshape(1, -1), 0, 1, cv2.THRESH_OTSU)
    return np.asarray((shades <= level) & paper, np.bool_)


def _share(ink: Bits, other: Bits) -> float:
    """How much of ``ink`` lies within one pixel of the other's; both are cut to one size."""
    high, wide = (min(one, two) for one, two in zip(ink.shape, other.shape, strict=True))
    near = cv2.dilate(other[:high, :wide].astype(np.uint8), _NEAR).astype(np.bool_)
    count = int(ink.sum())
    return float((ink[:high, :wide] & near).sum()) / count if count else 1.0


def summed_up(looks: list[Looked]) -> dict[str, Any]:
    """Worst and median of all shares, and whose lines differ."""
    backs = [each.back_kept for each in looks if each.back_kept is not None]
    return {
        "images": len(looks),
        "letter_ink_in_scan": _worst([each.shown for each in looks]),
        "scan_ink_in_letter": _worst([each.kept for each in looks]),
        "back_ink_in_letter": _worst(backs),
        "micr_lines_equal": sum(each.same_line for each in looks),
        "micr_lines_differ": [
            {"payment": each.ref, "letter": _masked(each.micr), "scan": _masked(each.scanned)}
            for each in looks if not each.same_line
        ],
    }  # fmt: skip


def _worst(shares: list[float]) -> dict[str, float | None]:
    if not shares:
        return {"worst": None, "median": None}
    return {"worst": round(min(shares), 4), "median": round(median(shares), 4)}


def _masked(line: str) -> str:
    """A line's form without its numbers: ``A#########A####C``."""
    return re.sub(r"[0-9]", "#", line)


def sums(session: Session, store: FileStore, deposit: Deposit, letter: bytes) -> dict[str, Any]:
    """The deposit's total in every place that tells it, in cents, and its count."""
    checks, credited, control = _told(letter)
    rows = {
        "slip": _rows(slip.slip_pdf(session, store, deposit.id)),
        "prooflist": _rows(slip.prooflist_pdf(session, store, deposit.id)),
    }
    in_transit = session.scalar(
        select(func.sum(JournalLine.debit_cents - JournalLine.credit_cents))
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalEntry.subject_id == deposit.id, JournalLine.account == "in_transit")
    )
    found: dict[str, int] = {
        "letter_items": sum(checks), "letter_control": control,
        "deposit_declared": deposit.declared_total_cents or 0,
        "deposit_items": sum(item.amount_cents for item in deposit.items),
        "journal_in_transit": int(in_transit or 0),
    }  # fmt: skip
    if credited:
        found["letter_credits"] = sum(credited)
    counts = {"letter": len(checks), "deposit": len(deposit.items)}
    for name, amounts in rows.items():
        *items, total = amounts
        found[f"{name}_rows"], found[f"{name}_total"] = sum(items), total
        counts[name] = len(items)
    return {
        "cents": found, "counts": counts,
        "agree": len(set(found.values())) == 1 and len(set(counts.values())) == 1,
    }  # fmt: skip


def _told(letter: bytes) -> tuple[list[int], list[int], int]:
    """A letter's checks, its credits, and the total of its file control without the credits."""
    items = list(x9.read_items(x9.read_records(io.BytesIO(letter))))
    checks, credited = (
        [each.detail.integer("item_amount") or 0 for each in items if each.kind == kind]
        for kind in ("check", "credit")
    )
    (last,) = (each for each in x9.read_records(io.BytesIO(letter)) if each.type == "99")
    total = last.integer("total_amount") or 0
    return checks, credited, total - sum(credited) * (last.text("credit_total_indicator") == "1")


def _rows(pdf: bytes) -> list[int]:
    """Every amount that a PDF shows, in order; the total is the last."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    return [Money.parse(each).cents for each in _AMOUNT.findall(text)]
