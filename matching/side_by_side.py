"""Two scans that may be one check: what is the same, what differs, and who may say what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import keeping_out
from matching import keyed as keying
from matching.hands import has_worked_on
from records.errors import Forbidden
from records.models import KeyedValue, Payment, ReviewItem
from records.money import Money

_ASK = "duplicate"
_DASH = "\N{EN DASH}"
_READ = (("date", "Date"), ("payer_name", "Payer"), ("payee_name", "Payee"), ("memo", "Memo"),
         ("courtesy_amount_cents", "Numerals"), ("legal_amount_cents", "Words"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of both scans as shown: account numbers by their last four digits.

    ``same`` is said of the whole values; None where neither scan has any.
    """

    name: str
    label: str
    one: str
    other: str
    same: bool | None


def pair(session: Session, payment: Payment) -> Payment | None:
    """The scan this one may be a second scan of."""
    return session.get(Payment, payment.duplicate_of_id or "")


def compare(one: Payment, other: Payment) -> tuple[Compared, ...]:
    """Both scans field by field, what the line at the foot says first."""
    first, second = keying.micr_of(one), keying.micr_of(other)
    rows = [
        _row("routing_number", "Routing number", first.routing_number, second.routing_number),
        _row("account_number", "Account", first.account_number, second.account_number,
             (_last(one), _last(other))),
        _row("check_number", "Check number", first.check_number.lstrip("0"),
             second.check_number.lstrip("0")),
        _row("amount_cents", "Amount", _money(one.amount_cents), _money(other.amount_cents)),
    ]  # fmt: skip
    ours, theirs = _fields(one), _fields(other)
    rows += [_row(name, label, _text(name, ours), _text(name, theirs)) for name, label in _READ]
    rows += [
        _row("office", "Office", one.office.name, other.office.name),
        _row("received_on", "Came", one.received_on.isoformat(), other.received_on.isoformat()),
        _row("file", "File", one.transaction.source_file.ref, other.transaction.source_file.ref),
    ]
    return tuple(rows)


def why_not(session: Session, payment: Payment, other: Payment, actor: str) -> Forbidden | None:
    """What keeps ``actor`` from deciding: having worked on either scan, or being no person."""
    if not actor.startswith("user:"):
        return Forbidden("not_a_person", "Only a person can tell two checks apart.", "Sign in.")
    if has_worked_on(session, [payment.id, other.id], actor):
        return Forbidden(
            "second_person",
            "You keyed or confirmed one of these two checks.",
            "Ask somebody who has worked on neither to decide.",
        )
    return None


def is_open(session: Session, payment: Payment) -> bool:
    """Whether a second person's word is asked for."""
    if payment.deposit_state == "not_deposited":
        row = keeping_out.open_of(session, payment.id)
        return row is not None and row.reason == _ASK
    item = session.scalars(
        select(ReviewItem).where(ReviewItem.payment_id == payment.id)
    ).one_or_none()
    asked = item is not None and item.state != "done" and _ASK in item.asks
    return asked and payment.deposit_state == "awaiting_review"


def confirmed(session: Session, payment: Payment) -> bool:
    """Whether a person has said whose this check is."""
    query = select(KeyedValue.id).where(
        KeyedValue.payment_id == payment.id, KeyedValue.field == "match"
    )
    return session.scalar(query.limit(1)) is not None


def evidence(payment: Payment, other: Payment) -> dict[str, Any]:
    """What was compared: by field whether it is the same, and the scans by what they hold."""
    return {
        "with": other.ref,
        "same": [row.name for row in compare(payment, other) if row.same],
        "differs": [row.name for row in compare(payment, other) if row.same is False],
        "pages": [list(each.document.page_ids) for each in (payment, other)],
    }


def _row(name: str, label: str, one: str, other: str, shown: tuple[str, ...] = ()) -> Compared:
    first, second = shown or (one, other)
    same = None if not one and not other else one.strip().casefold() == other.strip().casefold()
    return Compared(name, label, first or _DASH, second or _DASH, same)


def _fields(payment: Payment) -> Mapping[str, Any]:
    readings = payment.document.readings
    body = payment.document.reading.sealed if readings else {}
    return body.get("fields") or {}


def _text(name: str, fields: Mapping[str, Any]) -> str:
    value = (fields.get(name) or {}).get("value")
    if value is None:
        return ""
    return _money(int(value)) if name.endswith("_cents") else " ".join(str(value).split())


def _money(cents: int | None) -> str:
    return "" if cents is None else str(Money(cents))


def _last(payment: Payment) -> str:
    return f"ends in {payment.account_last4}" if payment.account_last4 else ""
