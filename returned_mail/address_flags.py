"""The bad-address flag of an address version: raised and cleared in one place, and audited."""

from __future__ import annotations

from sqlalchemy.orm import Session

from records import audit, clock
from records.models import AddressVersion
from returned_mail import outbox


def raise_flag(session: Session, version: AddressVersion, actor: str, task_ref: str) -> None:
    """Mail to this address comes back; nothing happens where that is known already."""
    if version.bad_since is None:
        version.bad_since = clock.now()
        _told(session, version, actor, "address.flagged", task_ref)
        outbox.flagged(session, version, actor, task_ref, bad=True)


def clear_flag(session: Session, version: AddressVersion, actor: str, task_ref: str) -> None:
    """Mail to this address arrives after all."""
    if version.bad_since is not None:
        version.bad_since = None
        _told(session, version, actor, "address.cleared", task_ref)
        outbox.flagged(session, version, actor, task_ref, bad=False)


def _told(
    session: Session, version: AddressVersion, actor: str, action: str, task_ref: str
) -> None:
    audit.record(
        session, actor=actor, action=action, subject_kind="address_version", subject_id=version.id,
        detail={"ref": task_ref, "version": str(version.version)},
    )  # fmt: skip
