"""A bank account's day as it is shown, signed and printed: proof, what it hands on, what is late.

A day that nobody signed is computed; a signed one is what was signed, whatever happened since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import carried
from deposits.bank_balances import day_balance
from deposits.day import account_proof
from deposits.late import Late, last_signature, late_lines, open_day
from deposits.states import ENDED
from records import audit, clock, ids
from records.errors import Conflict, WrongUse
from records.models import BankAccount, BankLine, DaySignature, Deposit, Office
from records.money import Money


@dataclass(frozen=True, slots=True)
class DayRecord:
    """One day: ``document`` is plain JSON; ``signature`` is None for a day nobody signed.

    ``intact`` is False when a signed document is not what its hash says. ``next_on`` is the day
    that may be signed next, None where any may be.
    """

    document: Mapping[str, Any]
    signature: DaySignature | None
    next_on: date | None
    intact: bool = True

    @property
    def explained(self) -> bool:
        """Whether every cent is explained, of the day and of what is late."""
        return self.intact and bool(self.document["explained"])

    def to_json(self) -> dict[str, Any]:
        """The document with its signature."""
        signed = self.signature
        return {
            **self.document,
            "explained": self.explained,
            "signature": None
            if signed is None
            else {
                "ref": signed.ref,
                "signed_by": signed.signed_by,
                "signed_at": signed.created_at.isoformat(),
                "sha256": signed.sha256,
                "intact": self.intact,
            },
            "next_to_sign": self.next_on.isoformat() if self.next_on else None,
        }


def day_record(session: Session, account: BankAccount, on: date) -> DayRecord:
    """The day as signed, or as it is now."""
    next_on = open_day(session, account)
    signed = session.scalars(
        select(DaySignature).where(
            DaySignature.bank_account_id == account.id, DaySignature.day_on == on
        )
    ).one_or_none()
    if signed is not None:
        return DayRecord(signed.document, signed, next_on, _hash(signed.document) == signed.sha256)
    late = late_lines(session, account) if on == next_on else Late()
    return DayRecord(_document(session, account, on, late), None, next_on)


def sign(session: Session, account: BankAccount, on: date, actor: str) -> DaySignature:
    """Sign the day in ``actor``'s name (``user:...``); it never changes afterwards.

    WrongUse ``person_needed``; Conflict ``day_signed``, ``day_not_begun``, ``day_not_next`` (an
    earlier day is to be signed first, or a later one was), ``day_unexplained``.
    """
    if not actor.startswith("user:"):
        raise WrongUse("person_needed", "A day is signed by a person.", "Say --user NAME.")
    session.scalars(
        select(BankAccount.id).where(BankAccount.id == account.id).with_for_update()
    ).one()
    _require_turn(session, account, on)
    document = _document(session, account, on, late_lines(session, account))
    cents = int(document["unexplained_cents"])
    if cents:
        raise Conflict(
            "day_unexplained",
            f"{Money(cents)} of {on} are not explained.",
            "Settle or explain the lines in red first.",
        )
    signature = DaySignature(
        ref=ids.new_ref("DS"),
        bank_account_id=account.id,
        day_on=on,
        signed_by=actor,
        unexplained_cents=cents,
        document=document,
        sha256=_hash(document),
    )
    session.add(signature)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="day_signed",
        subject_kind="bank_account",
        subject_id=account.id,
        detail={"ref": signature.ref, "date": on.isoformat(), "sha256": signature.sha256},
    )
    return signature


def _require_turn(session: Session, account: BankAccount, on: date) -> None:
    # What comes after the cut-off or at a weekend is the next day's, which is not over by that.
    today = clock.now().astimezone(ZoneInfo(account.zone)).date()
    if on > today:
        raise Conflict("day_not_begun", f"{on} has not begun.", "Sign it when it is over.")
    last = last_signature(session, account)
    if last is None:
        return
    if on == last.day_on:
        raise Conflict("day_signed", f"{on} is signed already.", "Look at it, or print it.")
    wanted = open_day(session, account)
    if on != wanted:
        raise Conflict(
            "day_not_next",
            f"Days are signed in their order; the next one is {wanted}.",
            f"Sign {wanted}; what happened to earlier days since stands there.",
        )


def _document(session: Session, account: BankAccount, on: date, late: Late) -> dict[str, Any]:
    proof = account_proof(session, on, account)
    items = carried.carried_items(session, account, on)
    unexplained = proof.unexplained_cents + late.unexplained_cents
    return {
        **proof.to_json(),
        "explained": unexplained == 0,
        "unexplained_cents": unexplained,
        "bank_account": _account(session, account),
        "carried_over": {
            "count": len(items),
            "amount_cents": sum(item.cents for item in items),
            "ages": carried.by_age(items, on),
            "items": [item.to_json(on) for item in items],
        },
        "late": late.to_json(),
        "bank_balance": day_balance(session, account, on),
        "unfinished_days": _unfinished_days(session, account, on, items),
    }


def _account(session: Session, account: BankAccount) -> dict[str, Any]:
    offices = session.scalars(
        select(Office).where(Office.bank_account_id == account.id).order_by(Office.code)
    ).all()
    return {
        "code": account.code,
        "name": account.name,
        "last4": account.account_last4,
        "offices": [
            {"code": each.code, "name": each.name, "tax_id": str(each.settings.get("tax_id", ""))}
            for each in offices
        ],
    }


def _unfinished_days(
    session: Session, account: BankAccount, on: date, items: list[carried.CarriedItem]
) -> list[str]:
    """Days until ``on`` of which something may still move without an entry in the journal."""
    days = {item.since for item in items}
    days |= set(
        session.scalars(
            select(Deposit.business_on).where(
                Deposit.bank_account_id == account.id,
                Deposit.business_on <= on,
                Deposit.state.not_in(ENDED),
            )
        )
    )
    days |= set(
        session.scalars(
            select(BankLine.value_on).where(
                BankLine.bank_account_id == account.id,
                BankLine.value_on <= on,
                BankLine.state == "unmatched",
            )
        )
    )
    return [day.isoformat() for day in sorted(days)]


def _hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document's canonical JSON."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
