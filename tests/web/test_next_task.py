"""From one address task to the next, and how far the mail is that may still become tasks."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import jobs
from records.installation import Installation
from records.models import AddressTask, Document, Job, MailTransaction, Office, SourceFile
from returned_mail import arrivals, guarded
from tests.web.conftest import Clients, task_of
from tests.web.seed import Seeded
from tests.world import add_document


@pytest.fixture
def specialist(client_of: Clients) -> TestClient:
    return client_of("specialist.north")


def add_task(session: Session, office_id: str) -> str:
    office = session.get_one(Office, office_id)
    scan = add_document(session, office, "returned_mail", {"reason": "vacant"})
    piece = arrivals.take(session, scan.id, arrivals.Arrival(reason="vacant"))
    return session.get_one(AddressTask, piece.task_id).ref


def test_a_key_goes_through_the_tasks_in_the_order_of_the_list_and_round(
    specialist: TestClient, group: dict[str, Seeded], installation: Installation
) -> None:
    first = group["NORTH"].names["task_ref"]
    with installation.db.write() as session:
        added = [add_task(session, group["NORTH"].office_id) for _ in range(2)]
        add_task(session, group["SOUTH"].office_id)
        reviewed = add_task(session, group["NORTH"].office_id)
        task = task_of(session, reviewed)
        guarded.enter(session, task.id, "deceased", "user:x", "the son rang")
    page = specialist.get("/tasks").text
    order = sorted((first, *added), key=page.index)
    went = [order[0]]
    for _ in order:
        answer = specialist.get(f"/tasks/next?after={went[-1]}")
        went.append(answer.headers["location"].removeprefix("/tasks/"))
    assert went == [*order, order[0]]


def test_after_an_ended_task_the_first_of_the_list_comes(
    specialist: TestClient, group: dict[str, Seeded], installation: Installation
) -> None:
    first = group["NORTH"].names["task_ref"]
    closed = specialist.post(f"/tasks/{first}/close", data={"resolution": "not our mail"})
    assert closed.status_code == 303
    page = specialist.get(f"/tasks/{first}").text
    assert f'href="/tasks/next?after={first}" data-press="j"' in page
    to = specialist.get(f"/tasks/next?after={first}").headers["location"]
    assert to.startswith("/tasks/ADR-")
    assert first not in to


def test_the_list_says_what_is_still_being_read_and_what_is_stuck(
    specialist: TestClient, client_of: Clients, group: dict[str, Seeded],
    installation: Installation,
) -> None:  # fmt: skip
    nothing = specialist.get("/tasks/under-way").text
    assert "Still being read" not in nothing
    assert "hx-get" not in nothing
    with installation.db.write() as session:
        office = session.get_one(Office, group["NORTH"].office_id)
        found, stuck, waits = (
            add_document(session, office, "returned_mail", {"reason": "vacant"}) for _ in range(3)
        )
        file = reading(session, found)
        session.add(
            MailTransaction(ref="ENV-ONE-MORE", source_file_id=file.id, office_id=office.id,
                            position=2000, page_ids=[], state="waiting")
        )  # fmt: skip
        for each in (stuck, waits):
            jobs.follow(session, "returned_mail_registered", each.id)
        job = session.scalars(select(Job).where(Job.subject_id == stuck.id)).one()
        job.state = "dead"
    page = specialist.get("/tasks").text
    assert "1 file, 1 of 2 envelopes so far" in page
    assert "1 returned one was found" in page
    assert "1 returned piece waits for its task" in page
    assert "1 returned piece could not be made into a task" in page
    other = client_of("specialist.south").get("/tasks/under-way").text
    assert "Still being read" not in other
    assert "could not" not in other


def reading(session: Session, document: Document) -> SourceFile:
    """The document's file, not read whole yet."""
    file = document.transaction.source_file
    file.state, document.transaction.state = "split", "read"
    session.flush()
    return file
