"""Keyed fingerprints of checks, and which live payment a check is a second scan of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.register import Micr
from records import crypto
from records.models import Payment

_LOCK = 0x10C4B1  # any fixed number, the same in every process


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """HMACs of a check: the whole of it, without its amount, and of the payer's bank account."""

    check: str | None
    item: str | None
    payer: str | None
    amount_cents: int | None = None


NONE = Fingerprints(None, None, None)


def fingerprints(micr: Micr, amount_cents: int | None) -> Fingerprints:
    """The fingerprints of a check; None for each that its reading does not allow.

    One account keyed with and without its leading zeros is one check all the same: a scan keyed
    with one zero more must not pass for another check. Only the payer keeps them.
    """
    routing, account, serial = (
        digits(text) for text in (micr.routing_number, micr.account_number, micr.check_number)
    )
    if not (routing and account and serial):
        return NONE
    ring = crypto.keyring()
    payer = f"{routing}|{account}"
    item = f"{routing}|{account.lstrip('0') or '0'}|{serial.lstrip('0') or '0'}"
    whole = None
    if amount_cents is not None:
        whole = ring.fingerprint("check", f"{item}|{amount_cents}")
    return Fingerprints(
        whole,
        ring.fingerprint("check_item", item),
        ring.fingerprint("payer", payer),
        amount_cents,
    )


def digits(text: str) -> str:
    """The ASCII digits of a field of the line; other scripts' digits are none on a check."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


def override(prints: Fingerprints, payment_id: str) -> str:
    """The fingerprint of a check that a second person says is another one than its twin."""
    return crypto.keyring().fingerprint("check", f"override|{prints.check}|{payment_id}")


def lock(session: Session) -> None:
    """Let no other transaction look for duplicates until this one ends.

    SQLite's write transaction does that by itself. Without it, two scans of one check that are
    registered at the same moment would not see each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def same_check(session: Session, prints: Fingerprints, but: Collection[str] = ()) -> Payment | None:
    """The oldest live payment that is this very check (invariant 2), other than ``but``.

    One that was overridden has a fingerprint of its own, and is found by its item and amount.
    """
    if prints.check is None:
        return None
    overridden = (
        Payment.override_by.is_not(None)
        & Payment.item_fingerprint.is_not(None)
        & (Payment.item_fingerprint == prints.item)
        & (Payment.amount_cents == prints.amount_cents)
    )
    query = (
        select(Payment)
        .where(
            Payment.live,
            (Payment.fingerprint == prints.check) | overridden,
            Payment.id.not_in(list(but)),
        )
        .order_by(Payment.created_at, Payment.id)
    )
    return session.scalars(query).first()


def same_item(session: Session, prints: Fingerprints, but: Collection[str] = ()) -> Payment | None:
    """The oldest live payment with the same account and serial whatever the amount."""
    return next(iter(same_items(session, prints, but)), None)


def same_items(session: Session, prints: Fingerprints, but: Collection[str] = ()) -> list[Payment]:
    """The live payments with the same account and serial whatever the amount, oldest first."""
    if prints.item is None:
        return []
    query = (
        select(Payment)
        .where(Payment.live, Payment.item_fingerprint == prints.item, Payment.id.not_in(list(but)))
        .order_by(Payment.created_at, Payment.id)
    )
    return list(session.scalars(query))
