"""Account changes sent to a PMS one by one, and looked up there when an answer was lost.

Each step is a transaction of its own. A change is ``sent`` from before its request leaves until
its answer is entered: whoever pulls the plug in between leaves a change that is looked up, and
nothing is sent again unlooked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock, pms_access, workflow
from records.db import Database
from records.models import AccountChange
from records.pms_access import Open, Requests
from returned_mail import outbox, outbox_files, outbox_lines
from returned_mail.outbox_lines import ChangeAnswer, ChangeLine
from returned_mail.outbox_open_dental import OpenDentalChanges

SETTLES_IN: Final = timedelta(minutes=5)
"""A line sent so long ago is there or will never be (``records.open_dental_http`` gives it three
minutes at most, and Open Dental itself gives up after one)."""


class ChangeSender(Protocol):
    """A PMS that is spoken to directly."""

    def send(self, line: ChangeLine) -> ChangeAnswer:
        """Look for the change and make it when it is not there."""

    def look_up(self, line: ChangeLine) -> ChangeAnswer:
        """Whether it is there."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did. ``again`` were surely not taken and are queued; ``left`` not reached."""

    acknowledged: int = 0
    refused: int = 0
    sent: int = 0
    again: int = 0
    left: int = 0

    def plus(self, answer: ChangeAnswer) -> Tally:
        """With one more line."""
        name = "again" if answer.outcome == "not_taken" else answer.outcome
        return dataclasses.replace(self, **{name: getattr(self, name) + 1})


@contextmanager
def sender(
    db: Database, office_id: str, opened: Open = pms_access.open_connection
) -> Iterator[tuple[ChangeSender, Requests]]:
    """The office's sender, and a list that each request made is added to.

    Conflict ``pms_not_set_up`` when there is none, or it is switched off.
    """
    with db.read() as session:
        access, _ = pms_access.active(session, office_id)
    requests: Requests = []
    with opened(access, requests.append) as connection:
        yield OpenDentalChanges(connection), requests


class Run:
    """One office's conversation with its PMS; ``requests`` is what the sender's connection did."""

    def __init__(
        self, db: Database, office_id: str, sender: ChangeSender, requests: Requests, actor: str
    ) -> None:
        self._db, self._office_id = db, office_id
        self._sender, self._requests, self._actor = sender, requests, actor

    def send(self, most: int = 1_000_000) -> Tally:
        """Look up what is unknown, then send what waits, the oldest first.

        It stops at a line that the PMS does not take (out of reach, busy, keys refused). Behind a
        change whose outcome is unknown nothing of that account is sent: the order stands.
        """
        tally = Tally()
        for ref in self._unknown():
            tally = tally.plus(self._look_up(ref))
        with self._db.write() as session:
            rows = outbox_lines.ready(session, self._office_id, self._actor)
            refs = [row.ref for row in rows]
        for at, ref in enumerate(refs):
            if at >= most:
                return dataclasses.replace(tally, left=len(refs) - at)
            line = self._claim(ref)
            if line is None:
                continue
            answer = self._sender.send(line)
            self._enter(ref, answer)
            tally = tally.plus(answer)
            if answer.outcome == "not_taken":
                return dataclasses.replace(tally, left=len(refs) - at - 1)
        return tally

    def _unknown(self) -> list[str]:
        """Changes whose answer was lost, those that may still be on their way left out."""
        with self._db.read() as session:
            return list(
                session.scalars(
                    select(AccountChange.ref)
                    .where(
                        AccountChange.office_id == self._office_id,
                        AccountChange.state == "sent",
                        AccountChange.sent_at <= clock.now() - SETTLES_IN,
                    )
                    .order_by(AccountChange.created_at, AccountChange.id)
                )
            )

    def _look_up(self, ref: str) -> ChangeAnswer:
        with self._db.read() as session:
            row = session.scalars(select(AccountChange).where(AccountChange.ref == ref)).one()
            line = outbox_lines.line_of(session, row)
        answer = self._sender.look_up(line)
        self._enter(ref, answer)
        return answer

    def _claim(self, ref: str) -> ChangeLine | None:
        """Take the change for this run alone; what was overtaken meanwhile is not sent at all."""
        with self._db.write() as session:
            row = _locked(session, ref)
            if row.state != "queued" or row.account_id in outbox_lines.in_review(session):
                return None
            if outbox_lines.overtaken(row):
                outbox.withdraw(session, row, self._actor, "a newer address took its place")
                return None
            if _before(session, row):
                return None
            workflow.move(row, workflow.ACCOUNT_CHANGE, "sent")
            row.sent_at, row.error = clock.now(), None
            session.flush()
            outbox.told(session, row, self._actor, "account_change.sent")
            return outbox_lines.line_of(session, row)

    def _enter(self, ref: str, answer: ChangeAnswer) -> None:
        requests, self._requests[:] = list(self._requests), []
        with self._db.write() as session:
            row = _locked(session, ref)
            for request in requests:
                outbox.told(session, row, self._actor, "open_dental_request",
                            **dataclasses.asdict(request))  # fmt: skip
            if row.state != "sent":
                return  # somebody entered it by hand meanwhile: that stands
            if answer.outcome == "sent":
                row.error = answer.reason or None
            elif answer.outcome == "not_taken":
                workflow.move(row, workflow.ACCOUNT_CHANGE, "queued")
                row.error = answer.reason or None
            else:
                outbox_files.enter(session, row, answer, self._actor)


def _before(session: Session, row: AccountChange) -> bool:
    """Whether an older change of this account is still on its way."""
    return session.scalar(
        select(AccountChange.id)
        .where(
            AccountChange.account_id == row.account_id,
            AccountChange.state == "sent",
            AccountChange.id != row.id,
        )
        .limit(1)
    ) is not None  # fmt: skip


def _locked(session: Session, ref: str) -> AccountChange:
    return session.scalars(
        select(AccountChange)
        .where(AccountChange.ref == ref)
        .with_for_update(of=AccountChange)
        .execution_options(populate_existing=True)
    ).one()
