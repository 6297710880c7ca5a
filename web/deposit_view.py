"""What the page of one deposit shows of each check: its picture, its account, what to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching import amounts
from matching.amounts import Said
from matching.evidence import DocumentEvidence
from matching.readings import Document as Read
from matching.verifying import ACTOR as BALANCE
from records.models import (
    Allocation,
    AuditEvent,
    CheckImage,
    DepositItem,
    Document,
    PageImage,
    Payment,
)
from records.money import Money
from web import crops, pictures

_SURE = 0.9
"""How sure a place of the check must be by itself before its difference is the drawer's own."""
_PLACES = {"numerals": "numerals", "words": "words", "micr": "MICR amount field"}
_FOUND = {
    "unsigned": ("signature", "no signature was found"),
    "stale": ("date", "it may be too old"),
    "postdated": ("date", "it is dated later than it came"),
    "payee": ("payee", "it may not be made out to us"),
    "foreign": ("foreign", "it may not be in US dollars"),
    "void": ("void", "it may say that it is void"),
    "same_item": ("duplicate", "another scan has its account and check number"),
}
"""Flag -> the question it asks, and what was found."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something the approver should know; ``tone`` is ``bad``, ``warn`` or empty for a note."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One check: ``picture`` the address of its image, upright; empty where there is none.

    ``account`` is what the column says, ``number`` the account it links to. ``image`` is what the
    bank is sent, None while it is not made.
    """

    item: DepositItem
    picture: str
    account: str
    number: str
    marks: tuple[Mark, ...]
    image: CheckImage | None = None

    @property
    def wants_a_look(self) -> bool:
        """Whether anything speaks against approving it unseen."""
        return any(mark.tone for mark in self.marks)


def rows(session: Session, deposit_id: str) -> list[Row]:
    """The checks of a deposit in their order."""
    payment = selectinload(DepositItem.payment)
    query = (
        select(DepositItem)
        .where(DepositItem.deposit_id == deposit_id)
        .order_by(DepositItem.position, DepositItem.id)
        .options(
            payment.selectinload(Payment.document).selectinload(Document.readings),
            payment.selectinload(Payment.allocations).joinedload(Allocation.account),
        )
    )
    items = list(session.scalars(query))
    ids = {page for item in items for page in item.payment.document.page_ids}
    pages = pictures.rows_of(session, ids)
    overrides = _overrides(session, [item.payment_id for item in items])
    images = _images(session, [item.payment_id for item in items])
    return [
        _row(item, pages, overrides.get(item.payment_id, {}), images.get(item.payment_id))
        for item in items
    ]


def picture(session: Session, payment: Payment) -> str:
    """The address of a payment's own picture, upright; empty where there is none."""
    return _picture(_seen(payment.document), pictures.rows_of(session, payment.document.page_ids))


def _row(
    item: DepositItem, pages: Mapping[str, PageImage], overrides: Mapping[str, str],
    image: CheckImage | None,
) -> Row:  # fmt: skip
    payment, document = item.payment, item.payment.document
    account, number = _account(payment)
    seen = _seen(document)
    read = Read(document.id, document.position, document.kind, {"fields": seen.fields})
    marks = [*_amount_marks(payment, item.amount_cents, read), *_found(payment, overrides),
             *_image_marks(image)]  # fmt: skip
    return Row(item, _picture(seen, pages), account, number, tuple(marks), image)


def _images(session: Session, payment_ids: list[str]) -> dict[str, CheckImage]:
    found: dict[str, CheckImage] = {}
    for start in range(0, len(payment_ids), 500):
        some = payment_ids[start : start + 500]
        query = select(CheckImage).where(CheckImage.payment_id.in_(some))
        found |= {image.payment_id: image for image in session.scalars(query)}
    return found


def _image_marks(image: CheckImage | None) -> list[Mark]:
    """What a bank may doubt in the check's images."""
    if image is None:
        return []
    if image.problem:
        return [Mark("bad", "no image could be made of it")]
    names = sorted({f"{each['side']} {str(each['name']).replace('_', ' ')}"
                    for each in image.suspects})  # fmt: skip
    if not names:
        return []
    said = "image in doubt: " + ", ".join(names)
    if image.accepted_by is None:
        return [Mark("warn", said)]
    return [Mark("", f"{said}; {image.accepted_by.removeprefix('user:')} sends it all the same")]


def _seen(document: Document) -> DocumentEvidence:
    body = document.reading.sealed if document.readings else {}
    return DocumentEvidence(
        document_id=document.id,
        ref=document.ref,
        kind=document.kind,
        page_ids=tuple(document.page_ids),
        region=None if document.region is None else tuple(document.region),
        fields=body.get("fields") or {},
        warnings=(),
    )


def _picture(document: DocumentEvidence, pages: Mapping[str, PageImage]) -> str:
    """The check's own part of its page, turned as its line at the foot lies."""
    if not document.page_ids:
        return ""
    found = crops.crop(Said("micr", None, 0.0, 0, None), document, pages)
    page_id = found.page_id if found else document.page_ids[0]
    query = []
    if document.region is not None and len(document.region) == 4:
        query.append("crop=" + ",".join(str(each) for each in document.region))
    if found and found.turn:
        query.append(f"turn={found.turn}")
    return f"/pages/{page_id}.png" + ("?" + "&".join(query) if query else "")


def _account(payment: Payment) -> tuple[str, str]:
    """Where its money goes, in a word; the account's number when it is just one."""
    if payment.match_state != "decided":
        return payment.match_state.replace("_", " "), ""
    live = [each for each in payment.allocations if each.live]
    numbers = {each.account.number for each in live if each.account is not None}
    if not numbers:
        return "unidentified", ""
    if len(numbers) > 1 or any(each.account is None for each in live):
        parts = len(numbers) + any(each.account is None for each in live)
        return f"several ({parts})", ""
    number = next(iter(numbers))
    unapplied = all(each.destination == "unapplied" for each in live)
    return ("unapplied" if unapplied else ""), number


def _amount_marks(payment: Payment, cents: int, document: Read) -> list[Mark]:
    marks: list[Mark] = []
    said = [each for each in amounts.said(document) if each.source in _PLACES and each.read]
    sure = [each for each in said if each.confidence >= _SURE]
    if amounts.MISMATCH in payment.flags or any(each.cents != cents for each in sure):
        places = ", ".join(f"{_PLACES[each.source]} {Money(each.cents or 0)}" for each in said)
        marks.append(Mark("bad", f"the check contradicts itself: {places}" if places
                          else "numerals and words differ"))  # fmt: skip
    if payment.amount_by == BALANCE:
        marks.append(Mark("", "read, and agrees with what is owed"))
    elif payment.amount_by.startswith("user:"):
        who = payment.amount_by.removeprefix("user:")
        field = (document.body.get("fields") or {}).get("amount_cents") or {}
        place = _PLACES.get(str(field.get("source") or "").removeprefix(f"{amounts.KEYED}+"))
        text = f"{who} took it from the {place}" if place else f"keyed by {who}"
        marks.append(Mark("" if place else "warn", text))
    return marks


def _found(payment: Payment, overrides: Mapping[str, str]) -> list[Mark]:
    """What was found against it, and who let it pass."""
    marks = []
    for flag in payment.flags:
        if flag in _FOUND:
            ask, text = _FOUND[flag]
            who = overrides.get(ask)
            marks.append(Mark("warn", f"{text}; {who} let it pass" if who else text))
    if payment.override_by:
        who = payment.override_by.removeprefix("user:")
        marks.append(Mark("warn", f"taken for a second scan; {who} says it is another check"))
    return marks


def _overrides(session: Session, payment_ids: list[str]) -> dict[str, dict[str, str]]:
    """By payment, who said last to each question that it may be deposited all the same."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(payment_ids), 500):
        query = (
            select(AuditEvent.subject_id, AuditEvent.actor, AuditEvent.detail)
            .where(
                AuditEvent.subject_kind == "payment",
                AuditEvent.subject_id.in_(payment_ids[start : start + 500]),
                AuditEvent.action == "payment.confirmed",
            )
            .order_by(AuditEvent.seq)
        )
        for payment_id, actor, detail in session.execute(query):
            for ask in str(detail.get("overrides") or "").split(", "):
                found.setdefault(payment_id, {})[ask] = actor.removeprefix("user:")
    return found
