"""The one way a new address of an account comes into force: a version more, the old one kept.

A confidential address (45 CFR 164.522(b)) is never replaced here: only a person with the right
role lifts it, with a reason, and the database refuses what gets past this file.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import index
from records import audit, clock
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import Account, AddressVersion, ConfidentialAddress, User
from records.row_locks import locked

ROLES: Final = ("admin", "billing")
"""Who may say that an address is confidential, replace it, or lift that."""
_SHORTEST_REASON = 3
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address to come into force; see ``AddressVersion`` for its fields."""

    street: str
    city: str
    state: str
    zip: str
    care_of: str = ""
    evidence_document_id: str | None = None
    evidence_page: int | None = None
    evidence_box: tuple[int, int, int, int] | None = None
    confidence: float | None = None
    valid_from: date | None = None
    verified_at: datetime | None = None
    verified_by: str | None = None


def add(
    session: Session, account_id: str, new: NewAddress, *, source: str, actor: str
) -> AddressVersion:
    """Put an address into force; the index knows it, the audit chain too.

    Raises Conflict ``confidential_address`` while the account has a confidential one.
    """
    account = _locked(session, account_id)
    if confidential(session, account_id) is not None:
        raise Conflict(
            "confidential_address",
            "This patient asked to be reached at one address alone (45 CFR 164.522(b)).",
            "Nothing was changed. Billing or an administrator may replace it, with a reason.",
        )
    return _add(session, account, new, source=source, actor=actor)


def confidential(session: Session, account_id: str) -> ConfidentialAddress | None:
    """The live confidential address of an account, if it has one."""
    return session.scalar(
        select(ConfidentialAddress).where(
            ConfidentialAddress.account_id == account_id, ConfidentialAddress.ended_at.is_(None)
        )
    )


def confidential_among(session: Session, account_ids: Collection[str]) -> set[str]:
    """Which of these accounts have a live confidential address."""
    if not account_ids:
        return set()
    return set(
        session.scalars(
            select(ConfidentialAddress.account_id).where(
                ConfidentialAddress.account_id.in_(account_ids),
                ConfidentialAddress.ended_at.is_(None),
            )
        )
    )


def set_confidential(
    session: Session, account_id: str, actor: str, reason: str, new: NewAddress | None = None
) -> ConfidentialAddress:
    """Say that mail goes to this address alone: the one in force, or ``new``.

    One that is confidential already is replaced: lifted and set again in one step. Raises
    Forbidden ``not_allowed``, WrongUse ``no_reason``, Conflict ``no_address``.
    """
    _allowed(session, actor)
    why = _reason(reason)
    account = _locked(session, account_id)
    held = confidential(session, account_id)
    if held is not None:
        _lift(session, held, actor, why)
    version = (
        account.address if new is None else _add(session, account, new, source="user", actor=actor)
    )
    if version is None:
        raise Conflict("no_address", "This account has no address.", "Enter the address as well.")
    made = ConfidentialAddress(
        account_id=account_id, address_version_id=version.id, sealed={"reason": why}, asked_by=actor
    )
    session.add(made)
    session.flush()
    _audit(session, "address.confidential_set", account_id, actor, version=version.id)
    return made


def lift_confidential(
    session: Session, account_id: str, actor: str, reason: str
) -> ConfidentialAddress:
    """End it: the address stays in force, and may be replaced again as any other.

    Raises Forbidden ``not_allowed``, WrongUse ``no_reason``, Conflict ``not_confidential``.
    """
    _allowed(session, actor)
    why = _reason(reason)
    _locked(session, account_id)
    held = confidential(session, account_id)
    if held is None:
        raise Conflict("not_confidential", "This account has no confidential address.",
                       "Reload the page.")  # fmt: skip
    _lift(session, held, actor, why)
    return held


def note_verified(session: Session, version: AddressVersion, by: str, at: datetime) -> None:
    """Write down that an address in force was confirmed once more."""
    version.verified_at, version.verified_by = at, by
    _audit(session, "address.verified", version.account_id, by, version=version.id)


def _locked(session: Session, account_id: str) -> Account:
    """Whoever changes an account's address holds its row, and sees the address of now."""
    account = locked(session, Account, account_id)
    if account is None:
        raise NotFound("unknown_account", "There is no such account.", "Search by name.")
    return account


def _add(
    session: Session, account: Account, new: NewAddress, *, source: str, actor: str
) -> AddressVersion:
    _fits(new)
    session.expire(account, ["addresses"])
    version = AddressVersion(
        account_id=account.id,
        version=max((each.version for each in account.addresses), default=0) + 1,
        street=new.street,
        city=new.city,
        state=new.state,
        zip=new.zip,
        care_of=new.care_of,
        source=source,
        confirmed_by=actor,
        evidence_document_id=new.evidence_document_id,
        evidence_page=new.evidence_page,
        evidence_box=None if new.evidence_box is None else list(new.evidence_box),
        confidence=new.confidence,
        valid_from=new.valid_from,
        verified_at=new.verified_at,
        verified_by=new.verified_by,
    )
    session.add(version)
    session.flush()
    session.expire(account, ["addresses"])
    index.rekey(session, {account.id})
    _audit(session, "address.added", account.id, actor, version=version.id, source=source)
    return version


def _fits(new: NewAddress) -> None:
    """Refuse in words what the columns cannot hold, before a database does with an error."""
    columns = AddressVersion.__table__.columns
    for name in ("street", "city", "state", "zip", "care_of"):
        most = getattr(columns[name].type, "length", None)
        if most is not None and len(getattr(new, name)) > most:
            raise WrongUse("address_too_long", f"The {name.replace('_', ' ')} is too long.",
                           "Shorten it to what stands on an envelope.")  # fmt: skip


def _lift(session: Session, held: ConfidentialAddress, actor: str, reason: str) -> None:
    held.ended_at, held.ended_by = clock.now(), actor
    held.sealed = {**held.sealed, "ended_reason": reason}
    session.flush()
    _audit(session, "address.confidential_lifted", held.account_id, actor,
           version=held.address_version_id)  # fmt: skip


def _allowed(session: Session, actor: str) -> None:
    """Only a user of these roles, by name: no import, no verifier, no shell without a user."""
    name = actor.removeprefix("user:") if actor.startswith("user:") else ""
    user = session.scalar(select(User).where(User.username == name)) if name else None
    if user is None or not user.active or user.role not in ROLES:
        raise Forbidden(
            "not_allowed",
            "Only billing or an administrator may change a confidential address.",
            "Ask one of them to do it.",
        )


def _reason(said: str) -> str:
    reason = said.strip()[:_LONGEST_REASON]
    if len(reason) < _SHORTEST_REASON:
        raise WrongUse("no_reason", "Say why.", "Write what the patient asked for, and when.")
    return reason


def _audit(session: Session, action: str, account_id: str, actor: str, **detail: Any) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="account",
                 subject_id=account_id, detail=detail)  # fmt: skip
