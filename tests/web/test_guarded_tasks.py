"""Guarded tasks, remails, holds, letters and plays on the web: who may, and what is written.

The tests follow one another on one group: NORTH's task goes its way to the remail list, SOUTH's
to the supervisors.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock
from records.installation import Installation
from records.models import AuditEvent, GuardedStep, Remail, TaskAttempt, User
from tests.web.conftest import Clients, task_of
from tests.web.seed import Seeded

NEW = {"street": "77 Orchard Park Blvd", "city": "Columbus", "state": "OH", "zip_code": "43215"}


@pytest.fixture
def ref(group: dict[str, Seeded]) -> str:
    return group["NORTH"].names["task_ref"]


@pytest.fixture
def session(installation: Installation) -> Iterator[Session]:
    with installation.db.read() as opened:
        yield opened


def actions(session: Session, actor: str) -> set[str]:
    found = select(AuditEvent.action).where(AuditEvent.actor == f"user:{actor}")
    return set(session.scalars(found))


def test_the_holds_are_a_list_and_a_file(
    client_of: Clients, ref: str, group: dict[str, Seeded]
) -> None:
    specialist = client_of("specialist.north")
    number = group["NORTH"].names["account_number"]
    assert number in specialist.get("/statement-holds").text
    lines = specialist.get("/statement-holds.csv").text.splitlines()
    assert lines[0].startswith("account_number,office_code,task,reason")
    assert lines[1].startswith(f"{number},NORTH,{ref},new_address,")
    assert len(lines) == 2


def test_a_letter_is_written_down_and_shows_only_names_in_its_window(
    client_of: Clients, ref: str, session: Session
) -> None:
    specialist = client_of("specialist.north")
    made = specialist.post(f"/tasks/{ref}/letter", data={"language": "es", "to": "label"})
    assert made.headers["content-type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    task = task_of(session, ref)
    kinds = session.scalars(
        select(TaskAttempt.kind).where(TaskAttempt.task_id == task.id).order_by(TaskAttempt.id)
    ).all()
    assert kinds[-1] == "letter"
    assert "task.letter_printed" in actions(session, "specialist.north")
    wrong = specialist.post(f"/tasks/{ref}/letter", data={"language": "en", "to": "moon"})
    assert wrong.status_code == 400


def test_the_next_agreed_day_is_due(client_of: Clients, ref: str, session: Session) -> None:
    specialist = client_of("specialist.north")
    day = clock.now().date().isoformat()
    said = {"kind": "call", "outcome": "left_message", "note": "", "next_on": day}
    assert specialist.post(f"/tasks/{ref}/attempt", data=said).status_code == 303
    task = task_of(session, ref)
    assert (task.step, task.due_on.isoformat()) == ("answer", day)
    past = specialist.post(f"/tasks/{ref}/attempt", data={**said, "next_on": "2020-01-01"})
    assert past.status_code == 400


def test_a_confidential_address_takes_the_form_away_until_a_supervisor_lifts_it(
    client_of: Clients, ref: str
) -> None:
    specialist, billing = client_of("specialist.north"), client_of("billing.north")
    wish = {"step": "set", "note": "asked in writing"}
    assert specialist.post(f"/tasks/{ref}/confidential", data=wish).status_code == 403
    assert billing.post(f"/tasks/{ref}/confidential", data=wish).status_code == 303
    assert 'id="resolve"' not in specialist.get(f"/tasks/{ref}").text
    assert specialist.post(f"/tasks/{ref}/resolve", data=NEW).status_code == 409
    lift = {"step": "lift", "note": "took it back by telephone"}
    assert billing.post(f"/tasks/{ref}/confidential", data=lift).status_code == 303
    assert 'id="resolve"' in specialist.get(f"/tasks/{ref}").text


def test_a_resolved_task_is_mailed_again_once(
    client_of: Clients, ref: str, installation: Installation
) -> None:
    specialist = client_of("specialist.north")
    assert specialist.post(f"/tasks/{ref}/resolve", data=NEW).status_code == 303
    with installation.db.read() as session:
        row = session.scalars(select(Remail)).one()
    assert row.ref in specialist.get("/remails").text
    sheet = specialist.get("/remails.csv").text
    assert "77 ORCHARD PARK BLVD" in sheet
    assert row.ref not in client_of("specialist.south").get("/remails.csv").text
    other = client_of("specialist.south").post("/remails/mailed", data={"remail": row.ref})
    assert other.status_code == 404
    assert specialist.post("/remails/mailed", data={"remail": row.ref}).status_code == 303
    assert specialist.post("/remails/mailed", data={"remail": row.ref}).status_code == 404
    assert row.ref not in specialist.get("/remails.csv").text
    with installation.db.read() as session:
        assert session.get_one(Remail, row.id).mailed_by == "user:specialist.north"
        assert {"remails.listed", "remail.exported", "remail.mailed"} <= actions(
            session, "specialist.north"
        )


def test_a_guarded_task_leaves_the_specialists_and_needs_two_supervisors(
    client_of: Clients, group: dict[str, Seeded], installation: Installation
) -> None:
    specialist, billing, admin = (client_of(f"{role}.south")
                                  for role in ("specialist", "billing", "admin"))  # fmt: skip
    ref = group["SOUTH"].names["task_ref"]
    given = specialist.post(f"/tasks/{ref}/guard", data={"queue": "deceased", "note": "son rang"})
    assert given.status_code == 303
    assert specialist.get(f"/tasks/{ref}").status_code == 403
    assert specialist.post(f"/tasks/{ref}/start").status_code == 403
    assert ref not in specialist.get("/tasks").text
    assert "1 more is with supervisors" in specialist.get("/tasks").text
    assert ref not in specialist.get("/statement-holds").text
    for path in ("/guarded/deceased", f"/guarded/task/{ref}"):
        assert specialist.get(path).status_code == 403
        assert ref in billing.get(path).text
    said = {"outcome": "deceased", "source": "obituary", "note": "in the Herald"}
    assert billing.post(f"/guarded/task/{ref}/propose", data=said).status_code == 303
    assert billing.post(f"/guarded/task/{ref}/confirm").status_code == 409
    assert admin.post(f"/guarded/task/{ref}/confirm").status_code == 303
    assert "Deceased" in billing.get(f"/guarded/task/{ref}").text
    with installation.db.read() as session:
        steps = session.scalars(select(GuardedStep.step).order_by(GuardedStep.id)).all()
        assert steps == ["entered", "proposed", "confirmed"]
        assert {"guarded.listed", "guarded.viewed"} <= actions(session, "billing.south")


def test_plays_and_texts_are_changed_by_administrators_of_all_offices(
    client_of: Clients, installation: Installation, group: dict[str, Seeded]
) -> None:
    root = client_of("root")
    assert client_of("admin.north").get("/admin/plays").status_code == 403
    assert "Moved, left no address" in root.get("/admin/plays").text
    form = {"reason": "vacant", "office": "NORTH", "action": "Ring the employer", "hold": "14",
            "due_days": "3", "retry": "no", "collections": "pause", "contact_days": "1, 4",
            "remail_days": "1", "supervisor_day": "20"}  # fmt: skip
    assert root.post("/admin/plays", data=form).status_code == 303
    assert "Ring the employer" in root.get("/admin/plays?office=NORTH").text
    assert "Ring the employer" not in root.get("/admin/plays").text
    assert root.post("/admin/plays", data={**form, "contact_days": "soon"}).status_code == 400
    assert root.post("/admin/plays", data={**form, "reason": "deceased"}).status_code == 400
    back = root.post("/admin/plays", data={"reason": "vacant", "office": "NORTH", "reset": "yes"})
    assert back.status_code == 303
    assert "Ring the employer" not in root.get("/admin/plays?office=NORTH").text
    text = {"kind": "letter", "language": "en", "office": "", "body": "Dear {{ guarantor_name }}"}
    assert root.post("/admin/task-texts", data=text).status_code == 303
    for body in ("{{ balance }}", "{% for x in ref %}a{% endfor %}", "{{ ref.__class__ }}"):
        assert root.post("/admin/task-texts", data={**text, "body": body}).status_code == 400, body
    page = root.get("/admin/task-texts?kind=letter&language=en").text
    assert "Dear {{ guarantor_name }}" in page
    with installation.db.read() as session:
        assert {"play.changed", "play.reset", "task_text.changed"} <= actions(session, "root")
        assert session.scalars(select(User).where(User.username == "root")).one().all_offices
