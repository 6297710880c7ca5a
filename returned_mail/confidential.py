"""A patient's wish to be written to at one address alone (45 CFR 164.522(b)), and what follows.

The address itself is kept by ``matching.address_versions``; here the practice-management system
is told, and the returned mail that was worked for the account ends.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from matching import address_candidates, address_versions
from matching.address_versions import NewAddress
from records import clock
from records.errors import Conflict
from records.models import Account, AddressTask, AddressVersion, ConfidentialAddress
from returned_mail import outbox, parting, tasks, tying
from returned_mail.address import Address

SET_NOTE: Final = (
    "The patient asked that all mail go to the address on file alone (45 CFR 164.522(b))."
)
LIFTED_NOTE: Final = "The patient ended the request that mail go to one address alone."


def ask(
    session: Session, account_id: str, actor: str, reason: str, new: Address | None = None
) -> ConfidentialAddress:
    """Send all mail to the address in force alone, or to ``new``, and tell the PMS.

    A new address ends the account's part in the task that worked on the old one; members of its
    household never get it. Raises what ``address_versions.set_confidential`` raises, and
    Conflict ``same_address`` where ``new`` is the one in force.
    """
    account = session.get_one(Account, account_id)
    before = account.address
    task = tying.unfinished(session, account, before)
    if new is not None and before is not None and _is(before, new):
        raise Conflict(
            "same_address", "That is the address on file.", "Say that mail goes to the one on file."
        )
    made = address_versions.set_confidential(
        session, account_id, actor, reason, None if new is None else _version(new, actor)
    )
    if new is None:
        _note(session, account, actor, SET_NOTE, made.id)
        return made
    version = made.address_version
    address_candidates.close_same(session, version, actor)
    outbox.address_changed(session, task, version, actor)
    if task is not None:
        _end_part(session, task, version, actor)
    return made


def lift(session: Session, account_id: str, actor: str, reason: str) -> None:
    """The patient ended it: the address stays, others may follow it; the PMS is told."""
    ended = address_versions.lift_confidential(session, account_id, actor, reason)
    account = session.get_one(Account, account_id)
    _note(session, account, actor, LIFTED_NOTE, f"{ended.id}:ended")


def _end_part(session: Session, task: AddressTask, version: AddressVersion, actor: str) -> None:
    if tying.guarded(session, task):
        return  # supervisors end it, and until then nothing is mailed
    others = [e for e in tying.live_accounts(task) if e.account_id != version.account_id]
    if others:
        why = "Mail goes to its confidential address. The task goes on for the others."
        parting.part(session, task, {version.account_id: version}, actor, why)
    else:
        tasks.settle(session, task, version, actor)


def _note(session: Session, account: Account, actor: str, text: str, key: str) -> None:
    outbox.queue_change(
        session, None, "account_note", account=account, actor=actor, content={"note": text},
        again=key,
    )  # fmt: skip


def _version(new: Address, actor: str) -> NewAddress:
    return NewAddress(
        new.street, new.city, new.state, new.zip, new.care_of,
        verified_at=clock.now(), verified_by=actor,
    )  # fmt: skip


def _is(held: AddressVersion, new: Address) -> bool:
    parts = (new.street, new.city, new.state, new.zip, new.care_of)
    return (held.street, held.city, held.state, held.zip, held.care_of) == parts
