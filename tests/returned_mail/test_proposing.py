"""A label's new address is proposed with its picture, asked about, and in force when confirmed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matching import address_candidates
from records.db import Database
from records.models import Account, AddressTask
from returned_mail.verify import requests_of
from returned_mail.verify.sending import run_due
from tests.returned_mail.test_tasks import PIECE, arrive, only_task
from tests.returned_mail.verify.fake_services import FakeService, served
from tests.returned_mail.verify.world import set_up
from tests.world import add_account, add_office

MOVED = {**PIECE, "reason": "new_address",
         "forward_address": "ROSA ALVAREZ\n7 BIRCH LANE\nTROY OH 45373-1234"}  # fmt: skip


@pytest.fixture
def url() -> Iterator[str]:
    fake = FakeService()
    fake.know("7 BIRCH LN", "45373")
    with served(fake) as address:
        yield address


def add(db: Database) -> str:
    with db.write() as session:
        return add_account(session, add_office(session), "1000000017").id


def test_without_a_verifier_it_is_proposed_and_nothing_leaves(db: Database) -> None:
    account_id = add(db)
    document_id = arrive(db, MOVED)
    with db.read() as session:
        (made,) = address_candidates.open_candidates(session, account_id=account_id)
        assert (made.source, made.names_agree) == ("label", True)
        assert made.sealed["street"] == "7 BIRCH LN"
        assert (made.evidence_document_id, made.evidence_page) == (document_id, 0)
        assert made.confidence == pytest.approx(0.99)
        assert requests_of(session, only_task(db).id) == []


def test_with_a_verifier_the_address_changes_and_the_hold_lifts_without_a_person(
    db: Database, url: str
) -> None:
    account_id = add(db)
    set_up(db, "usps", url)
    arrive(db, MOVED)
    assert run_due(db).answered == 1
    with db.read() as session:
        address = session.get_one(Account, account_id).address
        assert address is not None
        assert (address.street, address.source) == ("7 BIRCH LN", "usps")
        assert address.verified_by == "verifier:usps"
        assert session.get_one(AddressTask, only_task(db).id).state == "resolved"


def test_another_persons_name_waits_for_a_person(db: Database, url: str) -> None:
    account_id = add(db)
    set_up(db, "usps", url)
    arrive(db, {**MOVED, "forward_address": "PEDRO NOVAK\n7 BIRCH LANE\nTROY OH 45373"})
    assert run_due(db).answered == 1
    with db.read() as session:
        address = session.get_one(Account, account_id).address
        assert address is not None
        assert address.street == "12 ELM ST"


@pytest.mark.parametrize("text", ["", "SOMEWHERE", "ROSA ALVAREZ\n12 ELM STREET\nDAYTON OH 45419"])
def test_no_address_or_the_one_in_force_is_not_proposed(db: Database, text: str) -> None:
    account_id = add(db)
    arrive(db, {**MOVED, "forward_address": text})
    with db.read() as session:
        assert address_candidates.open_candidates(session, account_id=account_id) == []
