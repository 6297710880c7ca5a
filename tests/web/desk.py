"""Real mail, registered and matched, behind the pages that people work at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from matching import review
from matching.review import AllocationInput
from records import crypto, jobs
from records.installation import Installation
from records.models import BankAccount, Office, Payment, ReviewItem, User
from records.settings import Settings
from tests.databases import open_empty
from tests.matching import world
from web import auth, worker
from web.app import create_app

ORIGIN = "http://lockbox.test"
BANK_NUMBER = "880012345"
EAST_NUMBER = "880067890"
PEOPLE = {
    "ada": ("admin", ()),
    "sam": ("specialist", ("NORTH",)),
    "sofia": ("specialist", ("NORTH",)),
    "erin": ("specialist", ("EAST",)),
    "bill": ("billing", ()),
    "beth": ("billing", ()),
    "audrey": ("auditor", ()),
    "edna": ("billing", ("EAST",)),
    "carla": ("courier", ("NORTH",)),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """An installation with the small group of ``tests.matching.world`` and a few people."""

    installation: Installation
    client: Callable[[str], TestClient]

    def receive(self, *envelopes: list[Any]) -> list[str]:
        """Mail that was read comes in; the references of its payments."""
        with self.installation.db.write() as session:
            return [payment.ref for payment in world.run(session, *envelopes)]

    def matched(self, cents: int, serial: str) -> str:
        """A check of nobody we know, which Sam puts on an account; its payment's reference."""
        (ref,) = self.receive([world.check(cents, serial, "Zelda Quist")])
        item = self.question(ref)
        with self.installation.db.write() as session:
            held = review.lease(session, item.id, "user:sam")
            parts = [AllocationInput("account", "2100000045", "8100000056", cents)]
            review.confirm(session, item.id, "user:sam", held.lease_token, allocations=parts)
        return ref

    def payment(self, ref: str) -> Payment:
        """The payment as it stands, with what a test asks of it loaded."""
        with self.installation.db.read() as session:
            found = session.scalars(select(Payment).where(Payment.ref == ref)).one()
            assert found.office.code
            return found

    def question(self, ref: str) -> ReviewItem:
        """The question about a payment."""
        with self.installation.db.read() as session:
            return session.scalars(select(ReviewItem).join(Payment).where(Payment.ref == ref)).one()

    def work(self) -> None:
        """Run every job that waits, in this process."""
        counts = worker.run_until_idle(
            self.installation.settings, self.installation.db, processes=0
        )
        with self.installation.db.read() as session:
            assert not counts.dead, [job.error_message for job in jobs.dead(session)]


def open_desk(folder: Path, database_url: str = "") -> Desk:
    """A desk in an empty folder; the caller closes its installation."""
    held = open_empty(Settings(data_dir=folder, database_url=database_url))
    with held.db.write() as session:
        world.add_group(session)
        number = crypto.keyring().fingerprint("bank_account", BANK_NUMBER)
        north = session.scalars(select(BankAccount).where(BankAccount.code == "B-NORTH")).one()
        north.sealed, north.account_hmac = {"account_number": BANK_NUMBER}, number
        east = session.scalars(select(BankAccount).where(BankAccount.code == "B-EAST")).one()
        east.sealed = {"account_number": EAST_NUMBER}
        east.account_hmac = crypto.keyring().fingerprint("bank_account", EAST_NUMBER)
        offices = {office.code: office for office in session.scalars(select(Office))}
        session.add_all(
            User(
                username=name,
                display_name=name.capitalize(),
                role=role,
                password_hash="none",
                all_offices=not codes,
                offices=[offices[code] for code in codes],
            )
            for name, (role, codes) in PEOPLE.items()
        )
    app = create_app(held)

    def client(username: str) -> TestClient:
        made = TestClient(
            app,
            base_url=ORIGIN,
            headers={"origin": ORIGIN},
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        with held.db.write() as session:
            user = session.scalars(select(User).where(User.username == username)).one()
            made.cookies.set(auth.COOKIE, auth.open_session(session, user.id))
        return made

    return Desk(held, client)
