"""A piece passed on to another office, on the web: who sees its task, its picture, its fields."""

from __future__ import annotations

from sqlalchemy import select

from records.installation import Installation
from records.models import Document, ReturnedPiece
from tests.web.conftest import Clients, task_of
from tests.web.seed import Seeded


def test_the_task_and_the_picture_go_to_the_other_office_and_leave_the_first(
    client_of: Clients, group: dict[str, Seeded], installation: Installation
) -> None:
    names = group["NORTH"].names
    ref = names["task_ref"]
    with installation.db.write() as session:  # nobody knows whose it is
        task = task_of(session, ref)
        for row in task.accounts:
            row.live = False
        task.account_id = task.address_version_id = None
        piece = session.get_one(Document, task.document_id)
        page_id = str(piece.page_ids[0])
        known = select(ReturnedPiece).where(ReturnedPiece.document_id == piece.id)
        if session.scalar(known) is None:
            session.add(
                ReturnedPiece(document_id=piece.id, office_id=task.office_id, task_id=task.id,
                              reason=task.reason, outcome="opened")
            )  # fmt: skip
    north, south = client_of("specialist.north"), client_of("specialist.south")
    assert "Pass it on" in north.get(f"/tasks/{ref}").text
    assert south.get(f"/tasks/{ref}").status_code == 404
    assert south.get(f"/pages/{page_id}.png").status_code == 404
    sent = north.post(f"/tasks/{ref}/office", data={"to": "SOUTH"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/tasks")
    for who in ("specialist.north", "billing.north", "admin.north"):
        client = client_of(who)
        assert client.get(f"/tasks/{ref}").status_code == 404
        assert client.get(f"/pages/{page_id}.png").status_code == 403
        assert f"/pages/{page_id}.png" not in client.get(f"/files/{names['file_ref']}").text
    assert f"/pages/{page_id}.png" in south.get(f"/tasks/{ref}").text
    assert south.get(f"/pages/{page_id}.png").status_code == 200
    assert south.get(f"/files/{names['file_ref']}").status_code == 404
    root = client_of("root")
    assert root.get(f"/pages/{page_id}.png").status_code == 200
    assert ref in south.get("/tasks").text
    north.get("/tasks")  # where the notice of having passed it on is shown once
    assert ref not in north.get("/tasks").text
