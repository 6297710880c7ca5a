"""Other accounts at an address that cannot work for anyone: shown, and taken into the task."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching import address_versions
from records.errors import Conflict, NotFound, WrongUse
from records.models import Account, AddressTask, AddressVersion
from returned_mail import plays, tasks, tying
from returned_mail.address import standardise


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An account at the task's address.

    ``state`` is ``free``, ``here`` (on this task), ``elsewhere`` (another task works on it,
    ``task_ref``) or ``confidential``.
    """

    account: Account
    version: AddressVersion
    state: str
    task_ref: str = ""


def at_address(session: Session, task: AddressTask) -> list[Neighbour]:
    """The other accounts of the office whose address in force is the task's, by number.

    Empty unless the reason is a fault of the address: of a person, nothing follows for others.
    """
    version = task.address_version
    if version is None or plays.of_task(task).fault != "address":
        return []
    wanted = _key(version)
    at_zip = select(AddressVersion.account_id).where(AddressVersion.zip.like(f"{version.zip[:5]}%"))
    query = (
        select(Account)
        .where(
            Account.office_id == task.office_id,
            Account.id != task.account_id,
            Account.id.in_(at_zip),
        )
        .options(selectinload(Account.addresses))
        .order_by(Account.number)
    )
    found = []
    for account in session.scalars(query):
        now = account.address
        if now is not None and now.zip[:5] == version.zip[:5] and _key(now) == wanted:
            found.append(_neighbour(session, task, account, now))
    return found


def add(
    session: Session, task_id: str, numbers: Collection[str] | None, actor: str
) -> list[Account]:
    """Take accounts at the address into the task (None: all that are free): flag and hold.

    Raises NotFound ``not_at_address`` for an account that is not there, and Conflict
    ``not_free`` for one that another task works on or whose address is confidential.
    """
    tying.one_at_a_time(session, session.get_one(AddressTask, task_id).office_id)
    task = tasks.locked(session, task_id)
    if task.state not in tasks.UNFINISHED:
        raise Conflict("task_ended", f"{task.ref} has ended.", "Reopen it first.")
    there = {each.account.number: each for each in at_address(session, task)}
    chosen = [number for number, each in there.items() if each.state == "free"]
    if numbers is not None:
        chosen = list(numbers)
    for number in chosen:
        if number not in there:
            raise NotFound("not_at_address", "No such account is at this address.", "Reload it.")
        if there[number].state != "free":
            raise Conflict(
                "not_free", f"{number} is worked on elsewhere, or confidential.", "Reload the page."
            )
    for number in chosen:
        each = there[number]
        tying.tie(session, task, each.account, each.version, actor, household=True)
    return [there[number].account for number in chosen]


def _neighbour(
    session: Session, task: AddressTask, account: Account, version: AddressVersion
) -> Neighbour:
    running = tying.unfinished(session, account, version, lock=False)
    if running is not None:
        state = "here" if running.id == task.id else "elsewhere"
        return Neighbour(account, version, state, running.ref)
    if address_versions.confidential(session, account.id) is not None:
        return Neighbour(account, version, "confidential")
    return Neighbour(account, version, "free")


def _key(version: AddressVersion) -> tuple[str, str]:
    try:
        found = standardise(version.street, version.city, version.state, version.zip)
    except WrongUse:  # as imported: no address; only the very same text is the same place
        return (version.street.upper(), version.zip[:5])
    return (found.street, found.zip[:5])
