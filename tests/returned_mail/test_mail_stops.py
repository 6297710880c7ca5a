"""Where mail must not go: accounts under review, addresses replaced meanwhile or confidential."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from matching import address_versions
from matching.address_versions import NewAddress
from records import clock
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import Remail, User
from returned_mail import coming_due, guarded, holds, letters, remails, tasks
from tests.returned_mail.test_arrivals import BIRCH, MONDAY, come, office, task_of
from tests.world import add_account, add_office

LABEL = "ROSA ALVAREZ\nC/O ANA NOVAK\n7 BIRCH LN\nDAYTON OH 45419"


@pytest.fixture
def session(db: Database) -> Any:
    with clock.frozen(MONDAY), db.write() as opened:
        add_office(opened)
        opened.add(User(username="bea", display_name="Bea", role="billing", password_hash="none",
                        all_offices=True))  # fmt: skip
        opened.flush()
        yield opened


@pytest.mark.parametrize("reason", ["unclaimed", "refused", "temp_away", "vacant"])
@pytest.mark.parametrize("queue", ["deceased", "opened", "dispute"])
def test_a_review_holds_statements_whatever_the_play_says_and_until_it_ends(
    session: Session, reason: str, queue: str
) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, reason))
    usual = [each.until for each in holds.held(session, None)]
    guarded.enter(session, task.id, queue, "user:ann", "the son rang")
    with clock.frozen(MONDAY + timedelta(days=100)):
        coming_due.end_holds(session)
        assert [each.until for each in holds.held(session, None)] == [None]
    back = {"deceased": "not deceased", "opened": "no breach", "dispute": "ours to mail"}[queue]
    guarded.propose(session, task.id, back, "practice", "we asked", "user:ann")
    if queue == "deceased":
        guarded.confirm(session, task.id, "user:bob")
    assert [each.until for each in holds.held(session, None)] == usual


@pytest.mark.parametrize("queue", ["deceased", "opened", "dispute"])
def test_a_reviewed_piece_whose_account_is_found_stays_under_review(
    session: Session, queue: str
) -> None:
    account = add_account(session, office(session), "1000000017")
    running = task_of(session, come(session, account))
    found = task_of(session, come(session, None))
    guarded.enter(session, found.id, queue, "user:ann", "the son rang")
    assert tasks.assign_account(session, found.id, "user:bea", account.number) is running
    assert running.queue == queue
    assert [each.until for each in holds.held(session, None)] == [None]
    with pytest.raises(Conflict) as refused:
        letters.make(session, running, "en", "file", "user:ann", "Ann")
    assert refused.value.code == ("contact_stopped" if queue == "deceased" else "guarded_task")


def test_no_letter_is_printed_while_an_opened_envelope_is_reviewed(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, opened=True))
    with pytest.raises(Conflict) as refused:
        letters.make(session, task, "en", "file", "user:ann", "Ann")
    assert refused.value.code == "guarded_task"


def test_a_confidential_patient_is_not_written_to_at_the_labels_address(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    read = {"forward_address": LABEL}
    task = task_of(session, come(session, account, "new_address", evidence=read))
    address_versions.set_confidential(session, account.id, "user:bea", "asked in writing")
    with pytest.raises(Conflict) as refused:
        letters.make(session, task, "en", "label", "user:ann", "Ann")
    assert refused.value.code == "confidential_address"
    assert letters.make(session, task, "en", "file", "user:ann", "Ann").startswith(b"%PDF")


def test_a_letter_to_the_label_names_who_takes_it_in(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    read = {"forward_address": LABEL}
    task = task_of(session, come(session, account, "new_address", evidence=read))
    assert letters.address_lines(task, "label")[1] == "C/O ANA NOVAK"


def test_a_statement_goes_to_the_address_in_force_when_the_file_is_made(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    tasks.resolve(session, task.id, "user:ann", *BIRCH)
    shelter = NewAddress("99 HILL RD", "TROY", "OH", "45373", "C/O SHELTER")
    address_versions.set_confidential(session, account.id, "user:bea", "in writing", shelter)
    rows = remails.for_vendor(session, None, "user:ann")
    (line,) = csv.DictReader(io.StringIO(remails.to_csv(rows)))
    assert (line["care_of"], line["street"]) == ("C/O SHELTER", "99 HILL RD")
    (kept,) = session.query(Remail)
    assert kept.address_version.street == "99 HILL RD"


def test_no_cell_of_the_vendors_file_begins_a_formula(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    tasks.resolve(session, task.id, "user:ann", *BIRCH)
    account.guarantor_first = "\uff1dHYPERLINK(1)"
    text = remails.to_csv(remails.waiting(session, None))
    assert "'\uff1dHYPERLINK" in text


@pytest.mark.parametrize(
    "long", [("7 " + "BIRCH " * 40 + "LN", "DAYTON"), ("7 BIRCH LN", "D" * 90)]
)
def test_an_address_no_envelope_holds_is_refused_in_words(
    session: Session, long: tuple[str, str]
) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    with pytest.raises(WrongUse) as refused:
        tasks.resolve(session, task.id, "user:ann", *long, "OH", "45419")
    assert refused.value.code == "address_too_long"
