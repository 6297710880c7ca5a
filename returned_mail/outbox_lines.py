"""What of an office's queue may leave now, and the lines it leaves as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_versions
from records.models import Account, AccountChange, AddressTask, TaskAccount
from returned_mail import outbox
from returned_mail.task_lists import UNFINISHED

Address = tuple[str, str, str, str]
Outcome = Literal["acknowledged", "refused", "sent", "not_taken"]
"""What became of a line: ``sent`` may have arrived and is looked up before anything else;
``not_taken`` surely has not, and waits for the next run."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change as a PMS is told it; ``known`` are the account's older addresses.

    ``confidential``: the patient asked to be reached at this address alone (45 CFR 164.522(b)).
    """

    ref: str
    kind: str
    account_number: str
    patient_name: str
    on: date
    task_ref: str = ""
    care_of: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    note: str = ""
    confidential: bool = False
    last_names: tuple[str, ...] = ()
    known: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """What a PMS said of one line: its own ``reference``, or why not."""

    ref: str
    outcome: Outcome
    reference: str = ""
    reason: str = ""


def ready(session: Session, office_id: str, actor: str) -> list[AccountChange]:
    """The queued changes of an office that may leave now, the oldest first; their rows locked.

    What an address in force has overtaken is withdrawn. What a supervisor reviews waits: a death
    goes out only once two have confirmed it.
    """
    rows = session.scalars(
        select(AccountChange)
        .where(AccountChange.office_id == office_id, AccountChange.state == "queued")
        .order_by(AccountChange.created_at, AccountChange.id)
        .with_for_update(of=AccountChange)
        .execution_options(populate_existing=True)
    ).all()
    waiting = in_review(session)
    out = []
    for row in rows:
        if overtaken(row):
            outbox.withdraw(session, row, actor, "a newer address took its place")
        elif row.account_id not in waiting:
            out.append(row)
    return out


def in_review(session: Session) -> frozenset[str]:
    """Accounts whose task stands in a guarded queue: nothing of them leaves."""
    return frozenset(
        session.scalars(
            select(TaskAccount.account_id)
            .join(AddressTask, AddressTask.id == TaskAccount.task_id)
            .where(TaskAccount.live, AddressTask.queue != "", AddressTask.state.in_(UNFINISHED))
        )
    )


def overtaken(row: AccountChange) -> bool:
    """Whether it speaks of an address that is no longer the one in force."""
    now = row.account.address
    return row.kind in outbox.OF_ADDRESSES and (now is None or now.id != row.address_version_id)


def line_of(session: Session, row: AccountChange) -> ChangeLine:
    """The line of a change; the same row gives the same line while the account stays."""
    account = row.account
    said = row.sealed
    return ChangeLine(
        ref=row.ref,
        kind=row.kind,
        account_number=account.number,
        patient_name=account.patient_name,
        on=row.queued_at.date(),
        task_ref=row.task.ref if row.task else "",
        care_of=said.get("care_of", ""),
        street=said.get("street", ""),
        city=said.get("city", ""),
        state=said.get("state", ""),
        zip=said.get("zip", ""),
        note=said.get("note", ""),
        confidential=address_versions.confidential(session, account.id) is not None,
        last_names=(account.patient_last, account.guarantor_last),
        known=_known(account, row),
    )


def _known(account: Account, row: AccountChange) -> tuple[Address, ...]:
    return tuple(
        (f"{each.care_of} {each.street}".strip(), each.city, each.state, each.zip)
        for each in account.addresses
        if each.id != row.address_version_id
    )
