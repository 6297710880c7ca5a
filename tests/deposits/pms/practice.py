"""An office with a fake Open Dental beside it, and runs that meet faults."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from deposits import posting_connections, posting_queue
from deposits.posting_sending import Run, Tally
from records import clock
from records.db import Database
from records.installation import Installation
from records.models import Account, Posting
from records.open_dental_http import Access, Connection, Request
from tests.deposits.build import Group, check, decide, group
from tests.deposits.pms.fake_open_dental import KEYS, FakeOpenDental, Fault, served

BEGAN = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
CODES = itertools.count(1)
BILL = "user:bill"


@dataclass
class Practice:
    """An office with Open Dental beside it; ``at`` is the clock that its runs see."""

    installation: Installation
    fake: FakeOpenDental
    url: str
    made: Group
    patient: int
    at: datetime = BEGAN

    @property
    def db(self) -> Database:
        return self.installation.db

    def open(self, access: Access, done: Callable[[Request], None]) -> Connection:
        return Connection(access, pause_seconds=0, read_seconds=1.5, wait=lambda _: None,
                          done=done)  # fmt: skip

    def check(self, *cents: int, number: str = "") -> str:
        """A check whose parts all belong to the one account, decided and queued."""
        with self.db.write() as session:
            payment = check(session, self.made, sum(cents), number=number)
            decide(session, payment, [("account", self.made.account_id, each) for each in cents],
                   statement_id=self.made.statement_id)  # fmt: skip
            posting_queue.keep_in_step(session, payment.id, "system:test")
            return payment.id

    def send(self, *faults: Fault, minutes: int = 0, most: int = 1_000) -> Tally:
        """One run, ``minutes`` after the one before, whose requests meet these faults."""
        self.at += timedelta(minutes=minutes)
        if minutes >= 5:
            self.fake.settle()
        self.fake.faults[:] = faults
        opened = posting_connections.sender(self.db, self.made.office_id, self.open)
        with clock.frozen(self.at), opened as (sender, requests):
            run = Run(self.db, self.installation.store, self.made.office_id, sender, requests, BILL)
            tally = run.send(most)
        self.fake.faults.clear()
        return tally

    def rows(self) -> list[Posting]:
        with self.db.read() as session:
            query = select(Posting).where(Posting.office_id == self.made.office_id)
            return list(session.scalars(query.order_by(Posting.created_at, Posting.id)))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def held(self) -> Counter[str]:
        """How many payments that nothing refunds stand in Open Dental for each allocation."""
        refunded = {row.get("refunds") for row in self.fake.payments}
        by_ref = {row.ref: row.allocation_id for row in self.rows()}
        return Counter(
            allocation
            for row in self.fake.payments
            for ref, allocation in by_ref.items()
            if ref in row["PayNote"] and not row["PayAmt"].startswith("-")
            and row["PayNum"] not in refunded
        )  # fmt: skip


@contextmanager
def practice(installation: Installation) -> Iterator[Practice]:
    fake = FakeOpenDental()
    patient = 5_000 + next(CODES)
    with served(fake) as url:
        with installation.db.write() as session:
            made = group(session, f"OD{patient}", f"000123{patient:06d}")
            account = session.get_one(Account, made.account_id)
            account.number = str(patient)
            posting_connections.set_up(
                session, made.office_id, url=url, developer_key=KEYS[0], customer_key=KEYS[1],
                options={"pay_type": 69}, actor="user:root",
            )  # fmt: skip
        fake.add_patient(patient, "Reed")
        yield Practice(installation, fake, url, made, patient)
