"""An office whose Open Dental is a fake beside it, and runs of its account changes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from deposits import posting_connections
from matching import address_versions
from matching.address_versions import NewAddress
from records import clock
from records.db import Database
from records.models import Account, AccountChange, AddressVersion
from records.open_dental_http import Access, Connection, Request
from returned_mail import address_flags, outbox
from returned_mail.outbox_sending import Run, Tally, sender
from tests.deposits.pms.fake_open_dental import KEYS, FakeOpenDental, Fault, served
from tests.world import add_account, add_office

BEGAN = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
NUMBERS = itertools.count(7001)
BILL = "user:bill"


@dataclass
class Practice:
    """An office with Open Dental beside it; ``at`` is the clock that its runs see."""

    db: Database
    fake: FakeOpenDental
    office_id: str
    account_id: str
    patient: int
    at: datetime = BEGAN

    def open(self, access: Access, done: Callable[[Request], None]) -> Connection:
        return Connection(access, pause_seconds=0, read_seconds=1.5, wait=lambda _: None,
                          done=done)  # fmt: skip

    def move_to(self, street: str, source: str = "returned_mail") -> AddressVersion:
        """A new address comes into force, and the PMS is to be told."""
        with clock.frozen(self.at), self.db.write() as session:
            new = NewAddress(street, "TROY", "OH", "45373")
            version = address_versions.add(
                session, self.account_id, new, source=source, actor="user:sam"
            )
            outbox.address_changed(session, None, version, "user:sam")
            return version

    def flag(self, *, bad: bool = True) -> None:
        with clock.frozen(self.at), self.db.write() as session:
            address = session.get_one(Account, self.account_id).address
            assert address is not None
            act = address_flags.raise_flag if bad else address_flags.clear_flag
            act(session, address, "user:sam", "ADR-NONE")

    def send(self, *faults: Fault, minutes: int = 0) -> Tally:
        """One run, ``minutes`` after the one before, whose requests meet these faults."""
        self.at += timedelta(minutes=minutes)
        if minutes >= 5:
            self.fake.settle()
        self.fake.faults[:] = faults
        with (
            clock.frozen(self.at),
            sender(self.db, self.office_id, self.open) as (spoken, requests),
        ):
            tally = Run(self.db, self.office_id, spoken, requests, BILL).send()
        self.fake.faults.clear()
        return tally

    def rows(self) -> list[AccountChange]:
        with self.db.read() as session:
            query = select(AccountChange).where(AccountChange.account_id == self.account_id)
            return list(session.scalars(query.order_by(AccountChange.id)))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def notes(self, ref: str) -> int:
        """How many commlogs carry this reference."""
        return sum(ref in row["Note"] for row in self.fake.commlogs)


@contextmanager
def practice(db: Database) -> Iterator[Practice]:
    fake = FakeOpenDental()
    patient = next(NUMBERS)
    with served(fake) as url:
        with db.write() as session:
            office = add_office(session, f"OD{patient}")
            account = add_account(session, office, str(patient))
            posting_connections.set_up(session, office.id, url=url, developer_key=KEYS[0],
                                       customer_key=KEYS[1], actor="user:root")  # fmt: skip
            office_id, account_id = office.id, account.id
        fake.add_patient(patient, "Alvarez")
        fake.patients[patient].update(Address="12 Elm St.", Address2="", City="Dayton",
                                      State="OH", Zip="45419", Guarantor=patient)  # fmt: skip
        yield Practice(db, fake, office_id, account_id, patient)
