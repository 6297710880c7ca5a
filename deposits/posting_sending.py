"""Exports sent to a PMS line by line, and looked up there when an answer was lost.

Each step is a transaction of its own, because what another system does cannot be rolled back.
A posting is ``unknown`` from before its request leaves until its answer is entered: whoever pulls
the plug in between leaves a line that is looked up, and nothing is ever sent again unlooked.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import pms, posting, posting_answers
from deposits.pms.lines import read_lines
from deposits.pms.types import LineAnswer, PostingLine, Sender
from deposits.posting_plan import GIVE_BACK, WITHOUT_MONEY
from records import audit, clock, workflow
from records.db import Database
from records.errors import Conflict
from records.files import FileStore
from records.models import Payment, Posting, PostingExport
from records.open_dental_http import Request


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did, in lines. ``again`` were surely not taken and are queued; ``left`` were not
    reached; ``unknown`` are to be looked up later."""

    posted: int = 0
    failed: int = 0
    unknown: int = 0
    again: int = 0
    left: int = 0

    def plus(self, answer: LineAnswer) -> Tally:
        """With one more line."""
        name = "again" if answer.outcome == "not_taken" else answer.outcome
        return dataclasses.replace(self, **{name: getattr(self, name) + 1})


@dataclass(frozen=True, slots=True)
class _Line:
    posting_id: str
    export_id: str
    line: PostingLine


class Run:
    """One office's conversation with its PMS; ``requests`` is what the sender's connection did."""

    def __init__(
        self,
        db: Database,
        store: FileStore,
        office_id: str,
        sender: Sender,
        requests: list[Request],
        actor: str,
    ) -> None:
        self._db, self._store, self._office_id = db, store, office_id
        self._sender, self._requests, self._actor = sender, requests, actor

    def send(self, most_lines: int = 1_000_000) -> Tally:
        """Look up what is unknown, go on with what was broken off, then export and send the rest.

        It stops at a line that the PMS does not take (out of reach, busy, keys refused): the rest
        stays for the next run. A run that has nothing to do is an empty tally.
        """
        tally = self.look_up(most_lines)
        most_lines -= tally.posted + tally.again
        lines = self._waiting("exported")
        if not lines and self._export():
            lines = self._waiting("exported")
        for at, each in enumerate(lines):
            if at >= most_lines:
                return dataclasses.replace(tally, left=len(lines) - at)
            if not self._claim(each):
                continue
            answer = self._sender.send(each.line)
            self._enter(each, answer)
            tally = tally.plus(answer)
            if answer.outcome == "not_taken":
                return dataclasses.replace(tally, left=len(lines) - at - 1)
        return tally

    def look_up(self, most_lines: int = 1_000_000) -> Tally:
        """Look for each unknown line that is not in flight: found is posted, missing queued."""
        tally = Tally()
        for each in self._waiting("unknown")[:most_lines]:
            answer = self._sender.look_up(each.line)
            self._enter(each, answer)
            tally = tally.plus(answer)
        return tally

    def _waiting(self, state: str) -> list[_Line]:
        """Lines of the office's sent exports in this state, those in flight left out."""
        query = (
            select(Posting, PostingExport)
            .join(PostingExport, PostingExport.id == Posting.export_id)
            .where(
                Posting.office_id == self._office_id,
                Posting.state == state,
                PostingExport.format.in_(pms.SENT),
            )
            .order_by(PostingExport.created_at, Posting.id)
        )
        with self._db.read() as session:
            rows = [
                (row.id, row.ref, made.id, made.file_sha256)
                for row, made in session.execute(query)
                if state != "unknown" or not posting_answers.in_flight(row)
            ]
        files = {sha256: read_lines(self._store.get(sha256)) for *_, sha256 in rows}
        return [_Line(row_id, made_id, files[sha256][ref]) for row_id, ref, made_id, sha256 in rows]

    def _export(self) -> bool:
        with self._db.write() as session:
            try:
                posting.export(session, self._store, self._office_id, self._actor, "open_dental")
            except Conflict as refused:
                if refused.code != "nothing_to_export":
                    raise
                return False
        return True

    def _claim(self, each: _Line) -> bool:
        """Take the line for this run alone; what was undone meanwhile is not sent at all."""
        with self._db.write() as session:
            row = _locked(session, each.posting_id)
            if row.state != "exported" or row.export_id != each.export_id:
                return False
            if _is_undone(row):
                gone = LineAnswer(row.ref, "not_taken", reason="undone before it was sent")
                posting_answers.enter(session, each.export_id, [gone], self._actor)
                return False
            workflow.move(row, workflow.POSTING, "unknown")
            row.sent_at = clock.now()
            session.flush()
            self._audit(session, each, "posting_sent")
        return True

    def _enter(self, each: _Line, answer: LineAnswer) -> None:
        requests, self._requests[:] = list(self._requests), []
        with self._db.write() as session:
            for request in requests:
                self._audit(session, each, "open_dental_request", **dataclasses.asdict(request))
            row = _locked(session, each.posting_id)
            # Somebody may have looked it up by hand meanwhile: what was entered stands.
            if row.state == "unknown" and row.export_id == each.export_id:
                posting_answers.enter(session, each.export_id, [answer], self._actor)

    def _audit(self, session: Session, each: _Line, action: str, **detail: str | int) -> None:
        audit.record(session, actor=self._actor, action=action, subject_kind="posting",
                     subject_id=each.posting_id, detail=detail)  # fmt: skip


def _locked(session: Session, posting_id: str) -> Posting:
    """The posting, locked after its payment: everybody locks in this order."""
    row = session.get_one(Posting, posting_id)
    session.get_one(Payment, row.payment_id, with_for_update=True, populate_existing=True)
    return session.get_one(Posting, posting_id, with_for_update=True, populate_existing=True)


def _is_undone(row: Posting) -> bool:
    payment = row.payment
    wanted = payment.live and row.allocation.live and GIVE_BACK not in payment.flags
    return row.reverses_id is None and (not wanted or payment.deposit_state in WITHOUT_MONEY)
