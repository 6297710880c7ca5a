"""Pickups: what an office declared, who had the bag and when, and what differs from the count."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit, ids
from records.errors import NotFound, WrongUse
from records.models import CustodyEvent, MailTransaction, Office, Payment, Pickup, SourceFile
from records.workflow import PICKUP, move

# What a custody event makes of the pickup; a count changes nothing by itself.
_STATE_AFTER = {"handed_over": "handed_over", "received": "received"}
CUSTODY_KINDS = ("picked_up", "handed_over", "received", "counted")


@dataclass(frozen=True, slots=True)
class Variance:
    """Declared against what has arrived so far; a difference of None was never declared.

    ``reading`` counts files whose envelopes are not known yet: while it is not zero the
    differences may still close by themselves.
    """

    envelopes_declared: int
    envelopes_found: int
    checks_declared: int
    checks_found: int
    total_declared_cents: int | None
    total_found_cents: int
    counted_envelopes: int | None
    files: int
    quarantined: int
    reading: int

    @property
    def agrees(self) -> bool:
        """Whether everything declared has been found, to the cent where a total was declared."""
        return (
            self.envelopes_declared == self.envelopes_found
            and self.checks_declared == self.checks_found
            and self.total_declared_cents in (None, self.total_found_cents)
            and self.counted_envelopes in (None, self.envelopes_declared)
            and self.quarantined == 0
        )


def start_pickup(
    session: Session,
    office_id: str,
    bag_number: str,
    actor: str,
    *,
    declared_envelopes: int,
    declared_checks: int,
    declared_total_cents: int | None = None,
) -> Pickup:
    """Open a pickup with the office's declared counts; its first custody event is this person's.

    Raises WrongUse for an empty bag number or a negative count, NotFound for an unknown office.
    """
    bag = bag_number.strip()
    if not bag:
        raise WrongUse("no_bag_number", "The bag has no number.", "Type the number on the bag.")
    if min(declared_envelopes, declared_checks, declared_total_cents or 0) < 0:
        raise WrongUse("negative_count", "A count cannot be negative.", "Count again.")
    if session.get(Office, office_id) is None:
        raise NotFound("unknown_office", "There is no such office.", "Choose one from the list.")
    pickup = Pickup(
        ref=ids.new_ref("PKP"),
        office_id=office_id,
        bag_number=bag[:40],
        declared_envelopes=declared_envelopes,
        declared_checks=declared_checks,
        declared_total_cents=declared_total_cents,
        created_by=actor,
    )
    session.add(pickup)
    session.flush()
    session.add(CustodyEvent(pickup_id=pickup.id, kind="picked_up", actor=actor))
    audit.record(
        session,
        actor=actor,
        action="pickup.started",
        subject_kind="pickup",
        subject_id=pickup.id,
        detail={"ref": pickup.ref},
    )
    return pickup


def custody_event(
    session: Session,
    pickup_id: str,
    kind: str,
    actor: str,
    *,
    note: str = "",
    counted_envelopes: int | None = None,
) -> CustodyEvent:
    """Add who has the bag now: ``handed_over``, ``received`` or ``counted``.

    Raises WrongUse for another kind or a count that is missing, Conflict when the bag is not in
    a state that allows it (received twice).
    """
    pickup = session.get(Pickup, pickup_id, with_for_update=True)
    if pickup is None:
        raise NotFound("unknown_pickup", "There is no such pickup.", "Open it from the list.")
    if kind not in CUSTODY_KINDS[1:]:
        raise WrongUse(
            "unknown_custody_event",
            f"{kind!r} is no custody event.",
            "Use handed_over, received or counted.",
        )
    if kind == "counted":
        if counted_envelopes is None or counted_envelopes < 0:
            raise WrongUse(
                "no_count", "The count is missing.", "Type how many envelopes you count."
            )
        pickup.counted_envelopes = counted_envelopes
    else:
        move(pickup, PICKUP, _STATE_AFTER[kind])
    event = CustodyEvent(pickup_id=pickup.id, kind=kind, actor=actor, note=note.strip()[:300])
    session.add(event)
    audit.record(
        session,
        actor=actor,
        action=f"pickup.{kind}",
        subject_kind="pickup",
        subject_id=pickup.id,
        detail={"ref": pickup.ref},
    )
    return event


def variance(session: Session, pickup: Pickup) -> Variance:
    """What was declared for a pickup against what its files have turned out to hold."""
    files = list(session.scalars(select(SourceFile).where(SourceFile.pickup_id == pickup.id)))
    in_files = SourceFile.pickup_id == pickup.id
    envelopes = session.scalar(
        select(func.count())
        .select_from(MailTransaction)
        .join(SourceFile)
        .where(in_files, MailTransaction.live, MailTransaction.state != "waiting")
    )
    checks, total = session.execute(
        select(func.count(Payment.id), func.coalesce(func.sum(Payment.amount_cents), 0))
        .join(MailTransaction, Payment.transaction_id == MailTransaction.id)
        .join(SourceFile)
        .where(in_files, MailTransaction.live, Payment.kind == "check")
    ).one()
    return Variance(
        envelopes_declared=pickup.declared_envelopes,
        envelopes_found=int(envelopes or 0),
        checks_declared=pickup.declared_checks,
        checks_found=int(checks or 0),
        total_declared_cents=pickup.declared_total_cents,
        total_found_cents=int(total or 0),
        counted_envelopes=pickup.counted_envelopes,
        files=len(files),
        quarantined=sum(file.state == "quarantined" for file in files),
        reading=sum(file.state in {"received", "decoded", "split", "read"} for file in files),
    )
