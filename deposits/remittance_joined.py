"""Remittances that found their partner or were dismissed, and the steps people take with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.waiting_rows import words_of
from matching import (
    promoting,
    remittance_people,
    remittance_seen,
    remittance_several,
    remittance_shares,
)
from records.errors import WrongUse
from records.models import Document, Office, Payment, Remittance, RemittanceShare

DONE: Final[Mapping[str, str]] = {
    "join": "joined",
    "part": "parted, it waits again",
    "dismiss": "no payment comes",
    "reopen": "it waits again",
    "ask": "what it is stands in the queue again",
    "seen": "looked at",
}
"""What a person may say of a remittance, by its name, and what is so then."""
RULES: Final[Mapping[str, str]] = {
    "own": "its own 835",
    "envelope": "in the same envelope",
    "number_amount": "number and amount",
    "amount_payer_date": "amount, payer and date, and nothing else could be it",
    "together_number": "together of the number and the amount",
    "together_envelope": "together of the amount, in the same envelope",
    "together_payer_date": "together of the amount, payer and day, and no others could be it",
    "person": "a person's word",
}
MOST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A remittance with what became of it; ``rule`` is by what it was joined, empty for none.

    ``payments`` are all that it explains, ``payment`` the first of them. ``may_wait``: it was
    dismissed and may wait again; ``may_ask``: it was said to be no remittance, and what it is may
    be asked again.
    """

    ref: str
    state: str
    amount_cents: int | None
    payer: str
    number: str
    office: str
    payment: str
    by: str
    at: datetime | None
    rule: str
    why: str
    reason: str
    copy_of: str
    late: bool
    electronic: bool
    payments: tuple[str, ...] = ()
    may_wait: bool = False
    may_ask: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "ref": self.ref, "partner_state": self.state, "amount_cents": self.amount_cents,
            "payer": self.payer, "number": self.number, "office": self.office,
            "payment": self.payment or None, "joined_by": self.by or None,
            "joined_at": self.at, "rule": self.rule or None, "reasons": self.why,
            "reason": self.reason, "copy_of": self.copy_of or None, "late": self.late,
            "electronic": self.electronic, "payments": list(self.payments),
        }  # fmt: skip


def listed(
    session: Session, offices: Collection[str] | None, state: str = "", most: int = MOST
) -> list[Found]:
    """Remittances of these offices (ids, None: all) of one state or of all, the latest first."""
    query = (
        select(Remittance, Office.name, Payment.ref)
        .join(Document, Document.id == Remittance.document_id)
        .join(Office, Office.id == Remittance.office_id)
        .outerjoin(Payment, Payment.id == Remittance.payment_id)
        .where(Document.live)
        .order_by(Remittance.created_at.desc(), Remittance.id.desc())
    )
    if offices is not None:
        query = query.where(Remittance.office_id.in_(list(offices)))
    if state:
        query = query.where(Remittance.partner_state == state)
    rows = session.execute(query.limit(most)).all()
    shares = remittance_shares.live_of(session, [row[0].id for row in rows])
    return [_found(*row, shares.get(row[0].id, ())) for row in rows]


def latest(session: Session, offices: Collection[str] | None) -> list[Found]:
    """What was joined apart from its envelope, then what was dismissed; the latest first."""
    rows = [*listed(session, offices, "joined"), *listed(session, offices, "dismissed")]
    return [row for row in rows if row.rule not in (RULES["own"], RULES["envelope"])]


def take(
    session: Session,
    ref: str,
    step: str,
    actor: str,
    *,
    payment: str = "",
    why: str = "",
    also: str = "",
    offices: Collection[str] | None = None,
) -> Remittance:
    """One step of ``DONE`` by a person; ``offices`` are ids, None for all.

    ``payment`` may name several that one remittance explains, and ``also`` other remittances that
    one payment is explained by with it, with blanks or commas between them. WrongUse
    ``wrong_step``, ``payment_missing``; else raises as ``matching.remittance_people``, and
    ``matching.remittance_several``.
    """
    if step == "join":
        if not payment:
            raise WrongUse("payment_missing", "To which payment?", "Name it, as PAY-2BC-D4F5.")
        payments, refs = _named(payment), [ref, *_named(also)]
        if len(payments) == 1 and len(set(refs)) == 1:
            return remittance_people.join(session, ref, payments[0], actor, offices, why)
        rows = remittance_several.join_several(session, refs, payments, actor, offices)
        return next(each for each in rows if each.ref == ref)
    if step == "part":
        return remittance_people.unjoin(session, ref, actor, why, offices)
    if step == "dismiss":
        return remittance_people.dismiss(session, ref, actor, why, offices)
    if step == "reopen":
        return remittance_people.reopen(session, ref, actor, offices)
    if step == "ask":
        promoting.ask_again(session, ref, actor, offices)
        return remittance_people.found(session, ref, offices)
    if step == "seen":
        return remittance_seen.looked_at(session, ref, actor, why, offices)
    raise WrongUse("wrong_step", f"{step} is no step.", f"Use one of {', '.join(DONE)}.")


def _named(text: str) -> list[str]:
    return text.upper().replace(",", " ").split()


def _found(
    row: Remittance, office: str, payment: str | None, shares: Iterable[RemittanceShare]
) -> Found:
    rule = next((str(r["level"]) for r in row.reasons if r.get("signal") == "rule"), "")
    joined = row.partner_state == "joined"
    return Found(
        row.ref, row.partner_state, row.amount_cents, row.payer_name, row.payment_number, office,
        payment or "", row.joined_by or "", row.joined_at, RULES.get(rule, rule) if joined else "",
        words_of(row.reasons) if joined else "", row.reason,
        row.copy_of.ref if row.copy_of else "", row.late, row.electronic,
        tuple(each.payment.ref for each in shares) or ((payment,) if payment else ()),
        row.partner_state == "dismissed" and row.document.kind == "remittance",
        row.document.kind != "remittance",
    )  # fmt: skip
