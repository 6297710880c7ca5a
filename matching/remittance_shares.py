"""A remittance of several payments: its shares, entered and ended, and what each payment sees.

Whoever asks what explains a payment gets of such a document only what is that payment's: its
claims, its adjustments, and its amount for the total.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.readings import Document
from matching.remittance_division import Division, divide
from records import clock
from records.models import Document as DocumentRow
from records.models import Remittance, RemittanceShare


def live_of(session: Session, remittance_ids: Collection[str]) -> dict[str, list[RemittanceShare]]:
    """The live shares of remittances, by remittance id, in the order they were entered."""
    if not remittance_ids:
        return {}
    query = (
        select(RemittanceShare)
        .where(
            RemittanceShare.remittance_id.in_(list(remittance_ids)),
            RemittanceShare.ended_at.is_(None),
        )
        .order_by(RemittanceShare.created_at, RemittanceShare.id)
    )
    found: dict[str, list[RemittanceShare]] = {}
    for row in session.scalars(query):
        found.setdefault(row.remittance_id, []).append(row)
    return found


def of_payments(
    session: Session, payment_ids: Collection[str]
) -> dict[str, dict[str, RemittanceShare]]:
    """The live shares of payments in joined remittances: by document id, then by payment id."""
    query = (
        select(RemittanceShare, Remittance.document_id)
        .join(Remittance, Remittance.id == RemittanceShare.remittance_id)
        .where(
            RemittanceShare.payment_id.in_(list(payment_ids)),
            RemittanceShare.ended_at.is_(None),
            Remittance.partner_state == "joined",
        )
    )
    found: dict[str, dict[str, RemittanceShare]] = {}
    for row, document_id in session.execute(query):
        found.setdefault(document_id, {})[row.payment_id] = row
    return found


def division_of(
    document: DocumentRow, payments: Mapping[str, int], *, in_order: bool = False
) -> tuple[Division, ...] | None:
    """How a document's newest reading is divided among payments; None where that is not plain."""
    if not document.readings:
        return None
    fields = document.reading.sealed.get("fields") or {}
    return divide(fields, payments, in_order=in_order)


def likeliest(document: DocumentRow, payments: Mapping[str, int]) -> tuple[Division, ...] | None:
    """The only division, or the only one in the order of the page: enough where a person says
    that these belong together."""
    found = division_of(document, payments)
    return found if found is not None else division_of(document, payments, in_order=True)


def enter(session: Session, row: Remittance, division: Iterable[Division]) -> None:
    """The shares of a remittance that is about to be joined."""
    for each in division:
        session.add(
            RemittanceShare(
                remittance_id=row.id, payment_id=each.payment, amount_cents=each.amount_cents,
                claims=list(each.claims), adjustments=list(each.adjustments),
            )
        )  # fmt: skip
        session.flush()  # one by one: they keep their order


def end(session: Session, row: Remittance, actor: str) -> list[str]:
    """End the shares of a remittance that was parted; the payments that had them."""
    shares = live_of(session, [row.id]).get(row.id, [])
    for each in shares:
        each.ended_at, each.ended_by = clock.now(), actor
    session.flush()
    return [each.payment_id for each in shares]


def same(shares: Sequence[RemittanceShare], division: Sequence[Division]) -> bool:
    """Whether these shares say just this."""
    held = {(s.payment_id, s.amount_cents, tuple(s.claims), tuple(s.adjustments)) for s in shares}
    wanted = {(d.payment, d.amount_cents, d.claims, d.adjustments) for d in division}
    return held == wanted


def cut(document: Document, share: RemittanceShare | None) -> Document:
    """A document as one payment sees it; the whole for one that has no share in it.

    Of a reading whose claims at these places make up the payment no more it sees none: whose
    they are, nobody has said.
    """
    if share is None:
        return document
    fields: dict[str, Any] = dict(document.body.get("fields") or {})
    told = makes_up(document, share)
    for name, places in (("claims", share.claims), ("provider_adjustments", share.adjustments)):
        listed = fields.get(name)
        if isinstance(listed, Mapping) and isinstance(listed.get("value"), list):
            kept = [each for at, each in enumerate(listed["value"]) if told and at in places]
            fields[name] = {**listed, "value": kept}
    total = fields.get("total_paid_cents")
    if isinstance(total, Mapping):
        fields["total_paid_cents"] = {**total, "value": share.amount_cents}
    return replace(document, body={**document.body, "fields": fields})


def makes_up(document: Document, share: RemittanceShare) -> bool:
    """Whether the claims and adjustments of a share come to its payment, as they are read now."""
    total = 0
    for name, key, places, sign in (
        ("claims", "paid_cents", share.claims, 1),
        ("provider_adjustments", "amount_cents", share.adjustments, -1),
    ):
        listed = document.value(name) or ()
        for place in places:
            said = listed[place] if place < len(listed) else None
            cents = said.get(key) if isinstance(said, Mapping) else None
            if type(cents) is not int:
                return False
            total += sign * cents
    return total == share.amount_cents


def cut_for(session: Session, payment_id: str, documents: Iterable[Document]) -> list[Document]:
    """Documents that explain a payment, each as this payment sees it."""
    shares = of_payments(session, [payment_id])
    return [cut(each, shares.get(each.id, {}).get(payment_id)) for each in documents]
