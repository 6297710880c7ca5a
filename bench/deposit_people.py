"""What people do between the mail and the bank, for ``bench deposit``: answers from drawn truth.

Whoever is asked has the paper in hand: the amount and the MICR line are keyed as drawn, the money
goes where the envelope says. What is not asked is not touched, right or wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import imaging
from matching import review
from matching.review import AllocationInput
from records.db import Database
from records.models import CheckImage, Document, PageImage, Payment, ReviewItem, SourceFile

_MICR = ("routing_number", "account_number", "check_number")
Place = tuple[str, int]
"""A file's name and a page in it, counted from 0."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn check: what stands on it, and where its envelope's money belongs."""

    fields: Mapping[str, Any]
    allocations: Sequence[Mapping[str, Any]]

    @property
    def cents(self) -> int:
        """What the check is worth: its words, where numerals and words differ (UCC 3-114)."""
        return int(self.fields["legal_amount_cents"])


@dataclass(slots=True)
class Asked:
    """What people were asked: questions by kind, checks looked at, values keyed."""

    questions: Counter[str] = field(default_factory=Counter)
    checks: set[str] = field(default_factory=set)
    documents: int = 0
    amounts_keyed: int = 0
    lines_keyed: int = 0
    images: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """For the bench's answer."""
        return {
            "checks_looked_at": len(self.checks), "questions": dict(self.questions.most_common()),
            "other_documents": self.documents, "amounts_keyed": self.amounts_keyed,
            "micr_lines_keyed": self.lines_keyed,
            "images_accepted_for": dict(self.images.most_common()),
        }  # fmt: skip


def drawn_checks(truth: Mapping[str, Any]) -> dict[Place, Drawn]:
    """The checks of a ``truth.json`` by the place of their first page."""
    found: dict[Place, Drawn] = {}
    for file in truth["files"]:
        for envelope in file["transactions"]:
            for document in envelope["documents"]:
                if document["kind"] == "check":
                    place = (str(file["file"]), int(document["pages"][0]))
                    found[place] = Drawn(document["fields"], envelope["allocations"])
    return found


def place_of(session: Session, document: Document) -> Place:
    """Where a document begins."""
    page = session.get_one(PageImage, str(document.page_ids[0]))
    return session.get_one(SourceFile, page.source_file_id).name, page.position


def answer(db: Database, drawn: Mapping[Place, Drawn], who: str, asked: Asked) -> int:
    """Answer every open question once; how many there were."""
    with db.read() as session:
        waiting = session.scalars(
            select(ReviewItem.id).where(ReviewItem.state != "done").order_by(ReviewItem.id)
        ).all()
    for item_id in waiting:
        with db.write() as session:
            _answer(session, drawn, review.lease(session, item_id, who), who, asked)
    return len(waiting)


def _answer(
    session: Session, drawn: Mapping[Place, Drawn], item: ReviewItem, who: str, asked: Asked
) -> None:
    asked.questions.update(item.asks)
    payment = item.payment
    if payment is None:
        asked.documents += 1
        review.finish_document(session, item.id, who, item.lease_token, "done")
        return
    asked.checks.add(payment.id)
    seen = drawn.get(place_of(session, payment.document))
    if seen is None:
        review.set_aside(session, item.id, who, item.lease_token, "misdirected")
        return
    amount = seen.cents if payment.amount_cents != seen.cents else None
    keyed = _line(payment, seen) if "micr" in item.asks else {}
    asked.amounts_keyed += amount is not None
    asked.lines_keyed += bool(keyed)
    review.confirm(
        session, item.id, who, item.lease_token, amount_cents=amount, keyed=keyed,
        allocations=_parts(seen),
    )  # fmt: skip


def _line(payment: Payment, seen: Drawn) -> dict[str, str]:
    """The numbers of the MICR line that the program does not have as they stand there."""
    known = payment.sealed
    return {name: str(seen.fields[name]) for name in _MICR if known.get(name) != seen.fields[name]}


def _parts(seen: Drawn) -> list[AllocationInput]:
    """Where the check's money goes: its envelope's parts, as far as this check reaches."""
    left, parts = seen.cents, list[AllocationInput]()
    for each in seen.allocations:
        cents = min(left, int(each["amount_cents"]))
        if cents > 0:
            statement = each["statement_number"]
            kind = "account" if statement else "unapplied"
            parts.append(AllocationInput(kind, each["account_number"], statement, cents))
            left -= cents
    if left:
        parts.append(AllocationInput("unidentified", None, None, left))
    return parts


def accept_images(db: Database, who: str, asked: Asked) -> None:
    """A person of billing looks at doubtful images and sends them all the same."""
    with db.write() as session:
        doubtful = session.scalars(select(CheckImage).where(CheckImage.accepted_by.is_(None)))
        for image in doubtful.all():
            names = sorted({str(each["name"]) for each in image.suspects})
            if names and not image.problem:
                asked.images.update(names)
                imaging.accept(session, image.payment_id, who)
