"""Values a person keys on a payment: checked, sealed, and noted with who keyed them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from matching import amounts, duplicates, ledger, remittance_partners
from matching.fingerprints import (
    digits,
    fingerprints,
    lock,
    override,
    same_check,
)
from matching.hands import note
from matching.readings import Document, value_of
from matching.register import Micr, is_routing_number
from ocr.values import parse_date
from records import crypto
from records.errors import Conflict, WrongUse
from records.models import Payment, ReadingRow

FIELDS = frozenset(
    {"routing_number", "account_number", "check_number", "payer_name", "date", "payee_name"}
)
_MICR = ("routing_number", "account_number", "check_number")
_OPEN = frozenset({"awaiting_review", "depositable"})


def apply(
    session: Session, payment: Payment, actor: str, amount_cents: int | None,
    keyed: Mapping[str, str], amount_from: str = "",
) -> None:  # fmt: skip
    """Take over what a person keyed or confirmed, and fingerprint the check anew.

    ``amount_from`` names the place of the check whose amount was accepted (``numerals``,
    ``words``, ``micr``, ``reading``, ``other``); the new reading says so where that place does
    say this amount. Empty for one that was typed.
    WrongUse ``wrong_value`` names the field; Conflict ``duplicate_check`` when the check, as now
    known, is one that is held already, ``amount_frozen`` and ``micr_frozen`` when it is in a
    deposit.
    """
    clean = {name: _clean(name, value) for name, value in keyed.items() if value.strip()}
    if payment.deposit_state not in _OPEN and any(name in clean for name in _MICR):
        raise Conflict(
            "micr_frozen",
            f"The line of {payment.ref} can no longer be changed.",
            "Take it out of its deposit first; what the bank has stays as it was deposited.",
        )
    if amount_cents is not None:
        if not 0 < amount_cents < 10**12:
            raise WrongUse("wrong_value", "The amount must be above zero.", "Key it again.")
        ledger.change_amount(session, payment, amount_cents)
        payment.amount_by = actor
        note(session, payment, "amount", actor)
    _set_fields(payment, clean)
    for name in sorted(clean):
        note(session, payment, name, actor)
    if clean or amount_cents is not None:
        _refresh(session, payment)
        remittance_partners.payment_changed(session, payment)
        _new_reading(session, payment, actor, amount_cents, clean, amount_from)


def accepted_from(
    payment: Payment, amount_cents: int | None, amount_from: str
) -> tuple[str, amounts.Said | None]:
    """Where a person has the amount from: ``keyed``, or ``keyed+words`` and what the words say."""
    if amount_cents is None or not amount_from:
        return amounts.KEYED, None
    row = payment.document
    document = Document(row.id, row.position, row.kind, row.reading.sealed)
    place = amounts.stands_for(document, amount_from, amount_cents)
    return (amounts.KEYED, None) if place is None else (f"{amounts.KEYED}+{place.source}", place)


def micr_of(payment: Payment) -> Micr:
    """The check's line as it is now known."""
    routing, account, serial, line = (
        str(payment.sealed.get(name) or "") for name in (*_MICR, "micr_line")
    )
    return Micr(routing, account, serial, line)


def _clean(name: str, value: str) -> str:
    if name not in FIELDS:
        raise WrongUse("wrong_value", f"{name} cannot be keyed.", "Leave it out.")
    text = value.strip()
    if name in _MICR:
        text = digits(text)
    if name == "routing_number" and not is_routing_number(text):
        raise WrongUse("wrong_value", "The routing number's check digit does not hold.",
                       "Key its nine digits again.")  # fmt: skip
    if name in _MICR and not 1 <= len(text) <= 20:
        raise WrongUse("wrong_value", f"The {name.replace('_', ' ')} must be digits.",
                       "Key it as printed at the foot of the check.")  # fmt: skip
    if name == "date":
        day = parse_date(text)
        if day is None:
            raise WrongUse("wrong_value", f"{text} is no date.", "Type it as 11/30/2026.")
        return day
    return text


def _set_fields(payment: Payment, clean: Mapping[str, str]) -> None:
    micr = {name: clean[name] for name in _MICR if name in clean}
    if micr:
        payment.sealed = {**payment.sealed, **micr}
        payment.account_last4 = crypto.last4(str(payment.sealed.get("account_number") or ""))
        payment.check_number = str(payment.sealed.get("check_number") or "")[:20]
    if "payer_name" in clean:
        payment.payer_name = clean["payer_name"][:120]
    if "date" in clean:
        payment.written_on = date.fromisoformat(clean["date"])


def _refresh(session: Session, payment: Payment) -> None:
    """Fingerprints anew; a live twin is a duplicate that the readings did not show.

    An override lets the check stand beside the one original it names, and beside no other.
    """
    if payment.kind != "check" or payment.deposit_state not in _OPEN:
        return
    lock(session)
    prints = fingerprints(micr_of(payment), payment.amount_cents)
    twin = same_check(session, prints, but=duplicates.beside(session, payment))
    if twin is not None and payment.live:
        raise Conflict(
            "duplicate_check",
            f"This check is held already as {twin.ref}.",
            "Set it aside as a duplicate, or let a second person override it.",
        )
    own = payment.override_by and prints.check
    payment.fingerprint = override(prints, payment.id) if own else prints.check
    payment.item_fingerprint, payment.payer_hmac = prints.item, prints.payer
    session.flush()


def _new_reading(
    session: Session, payment: Payment, actor: str, amount_cents: int | None,
    clean: Mapping[str, str], amount_from: str,
) -> None:  # fmt: skip
    """A new reading with the keyed values; the one before stays as it was read."""
    last = payment.document.reading
    fields: dict[str, Any] = dict(last.sealed.get("fields") or {})
    source, place = accepted_from(payment, amount_cents, amount_from)
    changes: dict[str, Any] = dict(clean)
    if amount_cents is not None:
        changes["amount_cents"] = amount_cents
    changed = {
        name: value
        for name, value in changes.items()
        if value_of(fields, name) != value or (name == "amount_cents" and source != amounts.KEYED)
    }
    if not changed:
        return
    for name, value in changed.items():
        before = fields.get(name) if isinstance(fields.get(name), dict) else {}
        fields[name] = {
            "value": value, "confidence": 1.0, "page": (before or {}).get("page", 0),
            "box": (before or {}).get("box"), "source": amounts.KEYED, "alternatives": [],
        }  # fmt: skip
    if "amount_cents" in changed:
        fields["amount_cents"] |= {"source": source}
        if place is not None and place.box is not None:
            fields["amount_cents"] |= {"page": place.page, "box": list(place.box)}
    body = {**last.sealed, "fields": fields}
    row = ReadingRow(document_id=payment.document_id, version=last.version + 1, sealed=body,
                     made_by=actor)  # fmt: skip
    session.add(row)
    session.flush()
    session.expire(payment.document, ["readings"])
