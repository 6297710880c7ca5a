"""A returned piece with a new address on its label, and verifiers set up to be asked."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from sqlalchemy import select

from matching import address_candidates
from matching.address_versions import NewAddress
from records.db import Database
from records.models import Account, AddressCandidate, AddressRequest, AddressTask
from returned_mail.address import Address, standardise
from returned_mail.verify import ask, setting
from returned_mail.verify.types import Adapter
from tests.returned_mail.test_tasks import PIECE, arrive
from tests.returned_mail.verify.fake_services import KEYS, SMARTY_KEYS
from tests.scenes import Scenes
from tests.world import add_account, add_office

NEW = standardise("7 Birch Lane", "Troy", "OH", "45373")
ALL_KEYS = {"usps": KEYS, "smarty": SMARTY_KEYS, "csv": {}}


@dataclass(frozen=True, slots=True)
class World:
    """Ids of an account, its open task and the candidate from its label."""

    db: Database
    account_id: str
    task_id: str
    candidate_id: str

    def ask(self, verifier: str, address: Address = NEW, *, of_candidate: bool = True) -> str:
        with self.db.write() as session:
            return ask(
                session,
                session.get_one(AddressTask, self.task_id),
                address,
                "user:sam",
                verifier=verifier,
                candidate=session.get_one(AddressCandidate, self.candidate_id)
                if of_candidate
                else None,
                name="Rosa Alvarez",
            ).id

    def request(self, request_id: str) -> AddressRequest:
        with self.db.read() as session:
            return session.get_one(AddressRequest, request_id)

    def streets(self) -> list[str]:
        with self.db.read() as session:
            account = session.get_one(Account, self.account_id)
            return [each.street for each in account.addresses]

    def task(self) -> AddressTask:
        with self.db.read() as session:
            return session.get_one(AddressTask, self.task_id)

    def notes(self) -> list[str]:
        with self.db.read() as session:
            task = session.get_one(AddressTask, self.task_id)
            return [str(each.note) for each in task.attempts if each.kind == "lookup"]


def world_of(db: Database, scenes: Scenes) -> World:
    """A world in an empty database, made once."""
    return replace(scenes.put(db, make_world), db=db)


def make_world(db: Database, *, label_name: str = "ROSA ALVAREZ") -> World:
    with db.write() as session:
        account_id = add_account(session, add_office(session), "1000000017").id
    arrive(db, {**PIECE, "reason": "new_address"})
    with db.write() as session:
        task = session.scalars(select(AddressTask)).one()
        account = session.get_one(Account, account_id)
        candidate = address_candidates.propose(
            session, account, NewAddress(NEW.street, NEW.city, NEW.state, NEW.zip),
            source="label", actor="system:test", name=label_name, task_id=task.id,
        )  # fmt: skip
        return World(db, account_id, task.id, candidate.id)


def set_up(db: Database, kind: str, url: str = "", per_hour: int = 1000) -> None:
    with db.write() as session:
        setting.set_up(
            session, kind, keys=ALL_KEYS[kind], actor="user:root", url=url,
            per_hour=None if kind == "csv" else per_hour,
        )  # fmt: skip


def hurried(db: Database, kind: str) -> AbstractContextManager[Adapter]:
    """The adapter with little patience, so that tests of slow services are quick."""
    return setting.adapter(db, kind, seconds=0.6)
