"""The paper of deposited checks: where it lies, until when, and that two people destroyed it.

Once a bank has the image, the paper is a second check that could be paid in: it is kept a while,
in case the image is refused, and then destroyed before a witness.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.states import APPROVED
from records import audit, clock
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import Deposit, PaperOriginals

DEFAULT_DAYS = 60


def of(session: Session, deposit: Deposit) -> PaperOriginals | None:
    """What is known of the deposit's paper."""
    query = select(PaperOriginals).where(PaperOriginals.deposit_id == deposit.id)
    return session.scalars(query).one_or_none()


def days_of(deposit: Deposit) -> int:
    """For how many days the account's paper is kept."""
    return int((deposit.bank_account.deposit_settings or {}).get("paper_days") or DEFAULT_DAYS)


def store(session: Session, deposit: Deposit, location: str, actor: str) -> PaperOriginals:
    """Say where the paper lies; said again, it has moved. The days count from the business date.

    WrongUse ``location_missing``; Conflict ``deposit_not_approved``, ``paper_wanted`` of a
    rejected deposit, ``paper_destroyed``.
    """
    place = " ".join(location.split())[:120]
    if not place:
        raise WrongUse("location_missing", "Say where the paper lies.", "A box and a shelf, say.")
    if deposit.state == "rejected":
        raise _wanted(deposit)
    if deposit.state not in APPROVED:
        raise Conflict("deposit_not_approved", f"Deposit {deposit.ref} is {deposit.state}.",
                       "Its paper is put away once the deposit is approved.")  # fmt: skip
    row = of(session, deposit)
    if row is not None and row.destroyed_at is not None:
        raise _gone(deposit)
    if row is None:
        kept = deposit.business_on + timedelta(days=days_of(deposit))
        row = PaperOriginals(deposit_id=deposit.id, keep_until=kept, location=place,
                             stored_by=actor)  # fmt: skip
        session.add(row)
    else:
        row.location, row.stored_by = place, actor
    session.flush()
    _told(session, actor, "paper.stored", deposit, location=place)
    return row


def destroy(session: Session, deposit: Deposit, actor: str) -> bool:
    """Say that the paper was destroyed; True once a second person has borne it out.

    NotFound ``paper_unknown``; Conflict ``paper_kept`` before its day, ``paper_wanted`` of a
    rejected deposit, ``paper_destroyed``;
    Forbidden ``not_a_person``, ``second_person`` for whoever said it first.
    """
    if not actor.startswith("user:"):
        raise Forbidden("not_a_person", "Two people destroy paper, each by name.", "Sign in.")
    row = session.scalars(
        select(PaperOriginals).where(PaperOriginals.deposit_id == deposit.id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("paper_unknown", f"Nothing says where the paper of {deposit.ref} lies.",
                       "Say it first.")  # fmt: skip
    if row.destroyed_at is not None:
        raise _gone(deposit)
    if deposit.state == "rejected":
        raise _wanted(deposit)
    if clock.now().date() <= row.keep_until:
        raise Conflict("paper_kept", f"The paper of {deposit.ref} is kept until {row.keep_until}.",
                       "Destroy it after that day.")  # fmt: skip
    if row.destroyed_by == actor:
        raise Forbidden("second_person", "You said it already; a second person bears it out.",
                        "Ask who stood beside you.")  # fmt: skip
    if row.destroyed_by is None:
        row.destroyed_by = actor
        session.flush()
        _told(session, actor, "paper.destruction_said", deposit)
        return False
    row.witnessed_by, row.destroyed_at = actor, clock.now()
    session.flush()
    _told(session, actor, "paper.destroyed", deposit)
    return True


def _wanted(deposit: Deposit) -> Conflict:
    return Conflict("paper_wanted", f"Deposit {deposit.ref} was rejected: its checks go again.",
                    "Keep the paper, and put it away with their new deposit.")  # fmt: skip


def _gone(deposit: Deposit) -> Conflict:
    return Conflict("paper_destroyed", f"The paper of {deposit.ref} was destroyed.",
                    "Nothing is left to do.")  # fmt: skip


def _told(session: Session, actor: str, action: str, deposit: Deposit, **detail: str) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="deposit",
                 subject_id=deposit.id, detail={"ref": deposit.ref, **detail})  # fmt: skip
