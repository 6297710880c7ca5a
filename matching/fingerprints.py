"""Keyed fingerprints of checks, and which live payment a check is a second scan of."""

from __future__ import annotations

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


NONE = Fingerprints(None, None, None)


def fingerprints(micr: Micr, amount_cents: int | None) -> Fingerprints:
    """The fingerprints of a check; None for each that its reading does not allow."""
    if not micr.complete:
        return NONE
    ring = crypto.keyring()
    serial = micr.check_number.lstrip("0") or "0"
    payer = f"{micr.routing_number}|{micr.account_number}"
    item = f"{payer}|{serial}"
    whole = None
    if amount_cents is not None:
        whole = ring.fingerprint("check", f"{item}|{amount_cents}")
    return Fingerprints(
        whole, ring.fingerprint("check_item", item), ring.fingerprint("payer", payer)
    )


def lock(session: Session) -> None:
    """Let no other transaction look for duplicates until this one ends.

    SQLite's write transaction does that by itself. Without it, two scans of one check that are
    registered at the same moment would not see each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def same_check(session: Session, prints: Fingerprints, but: str = "") -> Payment | None:
    """The live payment with this very fingerprint (invariant 2), other than ``but``."""
    if prints.check is None:
        return None
    query = select(Payment).where(
        Payment.live, Payment.fingerprint == prints.check, Payment.id != but
    )
    return session.scalars(query).first()


def same_item(session: Session, prints: Fingerprints, but: str = "") -> Payment | None:
    """The oldest live payment with the same account and serial whatever the amount."""
    if prints.item is None:
        return None
    query = (
        select(Payment)
        .where(Payment.live, Payment.item_fingerprint == prints.item, Payment.id != but)
        .order_by(Payment.created_at, Payment.id)
    )
    return session.scalars(query).first()
