"""Bags of a day: what the office declared against what was counted and what arrived."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock
from records.models import MailTransaction, Payment, Pickup, SourceFile


@dataclass(frozen=True, slots=True)
class PickupCount:
    """One bag; a variance is what arrived less what was declared. For information only."""

    ref: str
    bag_number: str
    declared_envelopes: int
    counted_envelopes: int | None
    declared_checks: int
    received_checks: int
    declared_total_cents: int | None
    received_total_cents: int
    unread_checks: int

    @property
    def varies(self) -> bool:
        """Whether anything differs from what was declared."""
        total = self.declared_total_cents
        return (
            self.declared_checks != self.received_checks
            or self.counted_envelopes not in (None, self.declared_envelopes)
            or (total is not None and not self.unread_checks and total != self.received_total_cents)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "ref": self.ref,
            "bag_number": self.bag_number,
            "declared_envelopes": self.declared_envelopes,
            "counted_envelopes": self.counted_envelopes,
            "declared_checks": self.declared_checks,
            "received_checks": self.received_checks,
            "declared_total_cents": self.declared_total_cents,
            "received_total_cents": self.received_total_cents,
            "unread_checks": self.unread_checks,
            "varies": self.varies,
        }


def pickup_counts(
    session: Session, on: date, offices: Collection[str] | None = None
) -> tuple[PickupCount, ...]:
    """Bags whose business date is ``on``.

    A bag picked up after the cut-off, or at a weekend, counts with the money it brought.
    """
    around = datetime.combine(on, time(12), UTC)
    # A business date lies at most three days after the pickup, and zones add half a day each way.
    query = (
        select(Pickup)
        .where(
            Pickup.created_at >= around - timedelta(days=4, hours=12),
            Pickup.created_at <= around + timedelta(days=1, hours=12),
        )
        .order_by(Pickup.created_at, Pickup.id)
    )
    if offices is not None:
        query = query.where(Pickup.office_id.in_(list(offices)))
    return tuple(
        _count(session, pickup) for pickup in session.scalars(query) if _business_date(pickup) == on
    )


def _business_date(pickup: Pickup) -> date:
    bank = pickup.office.bank_account
    return clock.business_date(pickup.created_at, bank.zone, bank.cut_off)


def _count(session: Session, pickup: Pickup) -> PickupCount:
    amounts = session.scalars(
        select(Payment.amount_cents)
        .join(MailTransaction, MailTransaction.id == Payment.transaction_id)
        .join(SourceFile, SourceFile.id == MailTransaction.source_file_id)
        .where(SourceFile.pickup_id == pickup.id, Payment.live, Payment.kind == "check")
    ).all()
    return PickupCount(
        ref=pickup.ref,
        bag_number=pickup.bag_number,
        declared_envelopes=pickup.declared_envelopes,
        counted_envelopes=pickup.counted_envelopes,
        declared_checks=pickup.declared_checks,
        received_checks=len(amounts),
        declared_total_cents=pickup.declared_total_cents,
        received_total_cents=sum(cents or 0 for cents in amounts),
        unread_checks=sum(cents is None for cents in amounts),
    )
