"""What a bank may doubt in the pictures of a file, told to whoever sent it while the paper is near.

By page and condition alone: a courier sees no picture and no name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import CheckImage, Document, MailTransaction, PageImage, Payment

_SAID = {
    "partial_image": "a part of the check is cut off", "skew": "it lies askew",
    "piggyback": "another check lies over it", "too_light": "it is too light",
    "too_dark": "it is too dark", "streaks": "it has streaks",
    "below_minimum_size": "it is too small for a check",
    "above_maximum_size": "it is too large for a check",
    "front_back_size": "front and back are not of one size",
    "folded_corner": "a corner is folded or torn", "spots": "it has spots",
    "no_page": "there is no picture of it", "page_unreadable": "it cannot be read",
}  # fmt: skip


def doubts(session: Session, file_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """By file, a line for each doubtful check: its page, counted from 1, and what is wrong."""
    query = (
        select(MailTransaction.source_file_id, Document.page_ids, CheckImage)
        .join(Payment, Payment.transaction_id == MailTransaction.id)
        .join(Document, Document.id == Payment.document_id)
        .join(CheckImage, CheckImage.payment_id == Payment.id)
        .where(MailTransaction.source_file_id.in_(file_ids), Payment.live,
               CheckImage.accepted_by.is_(None))
    )  # fmt: skip
    rows = [row for row in session.execute(query) if row[2].problem or row[2].suspects]
    pages = {page for _, ids, _ in rows for page in ids[:1]}
    places = {
        row.id: row.position
        for row in session.execute(
            select(PageImage.id, PageImage.position).where(PageImage.id.in_(pages))
        )
    }
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for file_id, ids, image in rows:
        place = places.get(ids[0], 0) + 1 if ids else 1
        names = [image.problem] if image.problem else [str(each["name"]) for each in image.suspects]
        said = ", ".join(dict.fromkeys(_SAID.get(name, name) for name in names))
        found[file_id].append((place, said))
    return {
        file_id: tuple(f"Page {place}: {said}." for place, said in sorted(lines))
        for file_id, lines in found.items()
    }
