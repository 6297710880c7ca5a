"""Address tasks on the web: the list and its filters, one task, and everything done to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock
from records.installation import Installation
from records.models import Account, AuditEvent, StatementHold, TaskAttempt
from tests.web.conftest import Clients, task_of
from tests.web.seed import Seeded


@pytest.fixture
def specialist(client_of: Clients) -> TestClient:
    return client_of("specialist.north")


@pytest.fixture
def ref(group: dict[str, Seeded]) -> str:
    return group["NORTH"].names["task_ref"]


@pytest.fixture
def session(installation: Installation) -> Iterator[Session]:
    with installation.db.read() as opened:
        yield opened


def set_due(installation: Installation, ref: str, days: int) -> None:
    with installation.db.write() as session:
        task_of(session, ref).due_on = clock.now().date() + timedelta(days=days)


def test_the_list_is_filtered_by_state_reason_and_due_day(
    specialist: TestClient, ref: str, group: dict[str, Seeded], installation: Installation
) -> None:
    set_due(installation, ref, 3)
    page = specialist.get("/tasks").text
    assert ref in page
    assert "Moved, new address on the label" in page
    assert group["SOUTH"].names["task_ref"] not in page
    assert ref in specialist.get("/tasks?due=week&reason=new_address&state=open").text
    for query in ("state=resolved", "reason=vacant", "due=overdue", "due=today"):
        assert ref not in specialist.get(f"/tasks?{query}").text, query
    assert specialist.get("/tasks?reason=bored").status_code == 400


def test_an_overdue_task_stands_out_in_red(
    specialist: TestClient, ref: str, installation: Installation
) -> None:
    set_due(installation, ref, 1)
    assert "overdue</strong>" not in specialist.get("/tasks").text
    set_due(installation, ref, -1)
    assert re.search(r"differs\">[\d-]+ <strong>overdue", specialist.get("/tasks?due=overdue").text)
    assert "overdue" in specialist.get(f"/tasks/{ref}").text


def test_a_task_shows_what_was_read_with_its_place_and_word_by_word_what_differs(
    specialist: TestClient, ref: str, group: dict[str, Seeded], installation: Installation
) -> None:
    page = specialist.get(f"/tasks/{ref}").text
    # The light stands first on the new address, the third field of the seeded reading.
    page_id = group["NORTH"].names["page_id"]
    assert f'data-label-page="{page_id}" data-label-box="10,80,100,20"' in page
    assert "77 ORCHARD PARK BLVD" in page
    assert re.search(r"<mark[^>]*>Troy,</mark>", page)
    assert re.search(r"<mark[^>]*>COLUMBUS,</mark>", page)
    assert "statements held" in page
    assert 'value="43215-2525"' in page
    assert "+0.50" in page
    with installation.db.read() as session:
        seen = session.scalars(select(AuditEvent).where(AuditEvent.action == "task.viewed")).all()
    assert [event.actor for event in seen][-1] == "user:specialist.north"


def test_a_known_name_in_front_of_the_address_read_is_no_difference(
    specialist: TestClient, ref: str, installation: Installation
) -> None:
    with installation.db.write() as session:
        task = task_of(session, ref)
        assert task.account is not None
        assert task.account.address is not None
        read = f"{task.account.guarantor_name.upper()}, {task.account.address.line}"
        task.evidence = {**task.evidence, "address": read, "addressee": ""}
    page = specialist.get(f"/tasks/{ref}").text
    assert "<dt>on the envelope</dt><dd>the address on file</dd>" in page


def test_the_auditor_reads_and_is_offered_nothing_to_press(client_of: Clients, ref: str) -> None:
    auditor = client_of("auditor.north")
    page = auditor.get(f"/tasks/{ref}").text
    assert "What was read" in page
    assert f"/tasks/{ref}/" not in page
    assert auditor.post(f"/tasks/{ref}/start").status_code == 403


def test_a_task_is_taken_up_tried_corrected_and_given_another_account(
    specialist: TestClient, ref: str, session: Session, group: dict[str, Seeded]
) -> None:
    assert specialist.post(f"/tasks/{ref}/start").status_code == 303
    made = specialist.post(
        f"/tasks/{ref}/attempt", data={"kind": "call", "outcome": "reached", "note": "new flat"}
    )
    assert made.status_code == 303
    assert "new flat" in specialist.get(f"/tasks/{ref}").text
    wrong = specialist.post(f"/tasks/{ref}/attempt", data={"kind": "dove", "outcome": "reached"})
    assert wrong.status_code == 400
    specialist.post(f"/tasks/{ref}/reason", data={"reason": "temp_away"})
    task = task_of(session, ref)
    assert (task.state, task.reason) == ("in_progress", "temp_away")
    assert (
        len(session.scalars(select(TaskAttempt).where(TaskAttempt.task_id == task.id)).all()) == 2
    )
    holds = session.scalars(select(StatementHold).where(StatementHold.task_id == task.id)).all()
    assert [hold.until for hold in holds if hold.released_at is None] == [
        clock.now().date() + timedelta(days=30)
    ]
    foreign = group["SOUTH"].names["account_number"]
    taken = specialist.post(f"/tasks/{ref}/account", data={"account": foreign})
    assert taken.status_code == 404
    assert specialist.post(f"/tasks/{ref}/account", data={"account": "9"}).status_code == 404


def test_a_new_address_ends_the_task_lifts_the_hold_and_can_be_taken_back(
    specialist: TestClient, ref: str, installation: Installation, group: dict[str, Seeded]
) -> None:
    new = {"street": "77 Orchard Park Blvd", "city": "Columbus", "state": "OH", "zip_code": "1"}
    assert specialist.post(f"/tasks/{ref}/resolve", data=new).status_code == 400
    answer = specialist.post(f"/tasks/{ref}/resolve", data={**new, "zip_code": "43215"})
    assert answer.status_code == 303
    page = specialist.get(f"/tasks/{ref}").text
    assert "statements go out again" in page
    assert "Addresses so far" in page
    with installation.db.read() as session:
        task = task_of(session, ref)
        number = group["NORTH"].names["account_number"]
        account = session.scalars(select(Account).where(Account.number == number)).one()
        lines = [each.line for each in account.addresses]
        held = session.scalars(
            select(StatementHold).where(
                StatementHold.task_id == task.id, StatementHold.released_at.is_(None)
            )
        ).all()
    assert (task.state, len(lines), held) == ("resolved", 2, [])
    assert lines[0] == "1 Elm St, Troy, NY 12180"
    assert lines[1] == "77 ORCHARD PARK BLVD, COLUMBUS, OH 43215"
    assert specialist.post(f"/tasks/{ref}/resolve", data=new).status_code in {400, 409}
    assert specialist.post(f"/tasks/{ref}/reopen").status_code == 303
    assert "statements held" in specialist.get(f"/tasks/{ref}").text


def test_a_task_closes_without_an_address_under_a_reason(
    specialist: TestClient, ref: str, session: Session
) -> None:
    assert specialist.post(f"/tasks/{ref}/close", data={"resolution": " "}).status_code == 400
    closed = specialist.post(f"/tasks/{ref}/close", data={"resolution": "no address found"})
    assert closed.status_code == 303
    assert task_of(session, ref).state == "closed_unresolved"
    assert "no address found" in specialist.get(f"/tasks/{ref}").text
    assert ref not in specialist.get("/tasks").text
    assert ref in specialist.get("/tasks?state=all").text
