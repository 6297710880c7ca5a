"""The fee for a returned check: suggested where its drawer is at fault, charged by people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.errors import WrongUse
from records.models import Account, Allocation, Office, Payment, ReturnedItem
from records.money import Money

SETTING = "returned_check_fee_cents"
_MOST_CENTS = 10_000
# Reasons that lie with who wrote the check; a bank's fault or ours costs the patient nothing.
_DRAWERS = frozenset({
    "not_sufficient_funds", "uncollected_funds", "stop_payment", "account_closed", "no_account",
    "account_not_located",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReturnFee:
    """A fee that the office's rule suggests for a returned item, and to which account."""

    returned_ref: str
    payment_ref: str
    office_code: str
    account_number: str
    fee_cents: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "returned_item": self.returned_ref,
            "payment": self.payment_ref,
            "office_code": self.office_code,
            "account_number": self.account_number,
            "fee_cents": self.fee_cents,
        }


def suggested_fees(session: Session, returned_ids: Collection[str]) -> dict[str, ReturnFee]:
    """By id of the returned item; none where the office has no fee, the drawer no fault, or the
    check no account. Of several accounts, the one with the largest part."""
    rows = session.execute(
        select(ReturnedItem, Payment.ref, Office, Account.number)
        .join(Payment, Payment.id == ReturnedItem.payment_id)
        .join(Office, Office.id == Payment.office_id)
        .join(Allocation, (Allocation.payment_id == Payment.id) & Allocation.live)
        .join(Account, Account.id == Allocation.account_id)
        .where(ReturnedItem.id.in_(list(returned_ids)))
        .order_by(Allocation.amount_cents.desc(), Allocation.id)
    )
    found: dict[str, ReturnFee] = {}
    for item, payment_ref, office, number in rows:
        cents = office.settings.get(SETTING)
        if isinstance(cents, int) and cents and item.reason.replace(" ", "_") in _DRAWERS:
            found.setdefault(item.id, ReturnFee(item.ref, payment_ref, office.code, number, cents))
    return found


def set_fee(session: Session, office: Office, cents: int, actor: str) -> None:
    """Set what the office charges for a returned check; 0: nothing. WrongUse ``fee_too_high``."""
    if not 0 <= cents <= _MOST_CENTS:
        raise WrongUse(
            "fee_too_high",
            f"{Money(cents)} is no fee for a returned check.",
            f"Give 0 to {Money(_MOST_CENTS)}; your state's law may allow less.",
        )
    office.settings = {**office.settings, SETTING: cents}
    session.flush()
    audit.record(session, actor=actor, action="return_fee_set", subject_kind="office",
                 subject_id=office.id, detail={"fee_cents": cents})  # fmt: skip
