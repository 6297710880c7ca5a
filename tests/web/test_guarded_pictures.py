"""Pictures of an envelope that supervisors review: theirs alone; its other pages stay open."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.installation import Installation
from records.models import (
    Account,
    AddressTask,
    AuditEvent,
    Document,
    PageImage,
    ReadingRow,
    ReturnedPiece,
)
from tests.web.conftest import Clients, task_of
from tests.web.seed import Seeded
from web import cli

REFUSED_TO = ("specialist", "auditor")


@pytest.fixture(scope="module")
def pages(installation: Installation, group: dict[str, Seeded]) -> list[str]:
    """The ids of SOUTH's pages: a check, the guarded piece, a remittance from its envelope."""
    names = group["SOUTH"].names
    with installation.db.write() as session:
        task = task_of(session, names["task_ref"])
        task.queue = "deceased"
        here = session.get_one(PageImage, names["page_id"])
        query = select(PageImage.id).where(PageImage.source_file_id == here.source_file_id)
        return list(session.scalars(query.order_by(PageImage.position)))


@pytest.mark.parametrize("role", REFUSED_TO)
def test_only_supervisors_see_the_picture_and_each_refusal_is_kept(
    client_of: Clients, pages: list[str], installation: Installation, role: str
) -> None:
    client = client_of(f"{role}.south")
    for query in ("", "?w=160", "?crop=0,0,50,50"):
        assert client.get(f"/pages/{pages[1]}.png{query}").status_code == 403
    with installation.db.read() as session:
        mine = select(AuditEvent).where(AuditEvent.actor == f"user:{role}.south")
        kept = [(each.action, each.subject_kind, each.subject_id) for each in session.scalars(mine)]
    assert kept == [("access.refused", "page", pages[1])] * 3


@pytest.mark.parametrize("role", ["billing", "admin"])
def test_supervisors_see_it(client_of: Clients, pages: list[str], role: str) -> None:
    client = client_of(f"{role}.south")
    assert [client.get(f"/pages/{each}.png").status_code for each in pages] == [200, 200, 200]


def test_the_envelopes_other_pages_and_other_envelopes_stay_open(
    client_of: Clients, pages: list[str], group: dict[str, Seeded]
) -> None:
    client = client_of("specialist.south")
    assert client.get(f"/pages/{pages[0]}.png").status_code == 200
    assert client.get(f"/pages/{pages[2]}.png").status_code == 200
    north = group["NORTH"].names["page_id"]
    assert client_of("specialist.north").get(f"/pages/{north}.png").status_code == 200


@pytest.mark.parametrize("end", ["", "/edit"])
def test_the_file_says_that_a_page_is_kept_back_instead_of_showing_it(
    client_of: Clients, pages: list[str], group: dict[str, Seeded], end: str
) -> None:
    path = f"/files/{group['SOUTH'].names['file_ref']}{end}"
    theirs = client_of("specialist.south").get(path).text
    assert f"/pages/{pages[1]}.png" not in theirs
    assert f"/pages/{pages[2]}.png" in theirs
    assert "with supervisors" in theirs
    assert f"/pages/{pages[1]}.png" in client_of("billing.south").get(path).text


def test_a_question_about_its_envelope_shows_the_other_pages_alone(
    client_of: Clients, pages: list[str], group: dict[str, Seeded], installation: Installation
) -> None:
    names = group["SOUTH"].names
    with installation.db.write() as session:
        check = session.get_one(Document, names["document_id"])
        task = task_of(session, names["task_ref"])
        piece = session.get_one(Document, task.document_id)
        before, piece.transaction_id, piece.position = piece.transaction_id, check.transaction_id, 7
    path = f"/review/{names['item_ref']}"
    theirs = client_of("specialist.south").get(path).text
    supervisors = client_of("billing.south").get(path).text
    with installation.db.write() as session:
        session.get_one(Document, piece.id).transaction_id = before
    assert pages[0] in theirs
    assert pages[1] not in theirs
    assert pages[1] in supervisors


def test_a_piece_that_joined_a_guarded_task_is_kept_back_as_well(
    client_of: Clients, group: dict[str, Seeded], installation: Installation
) -> None:
    names = group["NORTH"].names
    with installation.db.write() as session:
        task = task_of(session, names["task_ref"])
        first = session.get_one(Document, task.document_id)
        others = select(Document).where(Document.transaction_id == first.transaction_id)
        (eob,) = [each for each in session.scalars(others) if each.id != first.id]
        page_id = str(eob.page_ids[0])
        session.add(
            ReturnedPiece(document_id=eob.id, office_id=task.office_id, task_id=task.id,
                          account_id=task.account_id, reason="deceased", outcome="joined")
        )  # fmt: skip
    client = client_of("specialist.north")
    assert client.get(f"/pages/{page_id}.png").status_code == 200
    with installation.db.write() as session:
        session.get_one(AddressTask, task.id).queue = "opened"
    assert client.get(f"/pages/{page_id}.png").status_code == 403
    with installation.db.write() as session:
        session.get_one(AddressTask, task.id).queue = ""
    assert client.get(f"/pages/{page_id}.png").status_code == 200


def test_the_command_lists_a_guarded_task_without_its_reason_and_ending(
    pages: list[str], group: dict[str, Seeded], installation: Installation
) -> None:
    del pages
    ref = group["SOUTH"].names["task_ref"]
    with installation.db.write() as session:
        task = task_of(session, ref)
        task.reason = task.resolution = "deceased"
    told = {"LOCKBOX_DATA_DIR": str(installation.settings.data_dir)}
    run = CliRunner().invoke(cli.lockbox, ["task", "list", "--json"], env=told)
    rows = {each["ref"]: each for each in json.loads(run.stdout)["tasks"]}
    assert (rows[ref]["reason"], rows[ref]["resolution"]) == ("guarded", None)
    assert rows[group["NORTH"].names["task_ref"]]["reason"] == "new_address"
    plain = CliRunner().invoke(cli.lockbox, ["task", "list"], env=told)
    assert "deceased" not in plain.stdout


def test_a_question_says_nothing_that_was_read_of_a_guarded_piece(
    client_of: Clients, pages: list[str], group: dict[str, Seeded], installation: Installation
) -> None:
    names = group["SOUTH"].names
    with installation.db.write() as session:
        check = session.get_one(Document, names["document_id"])
        task = task_of(session, names["task_ref"])
        piece = session.get_one(Document, task.document_id)
        before = (piece.transaction_id, piece.position, piece.kind)
        piece.transaction_id, piece.position, piece.kind = check.transaction_id, 7, "coupon"
        said = {"patient_name": "LENA FROST", "new_address": "4 QUIET CT"}
        fields = {
            name: {"value": value, "confidence": 0.9, "page": 0, "box": None}
            for name, value in said.items()
        }
        sealed = {"kind": "coupon", "pages": [0], "fields": fields,
                  "warnings": [{"code": "odd", "message": "LENA FROST"}]}  # fmt: skip
        session.add(ReadingRow(document_id=piece.id, version=9, sealed=sealed, made_by="test"))
    path = f"/review/{names['item_ref']}"
    theirs = client_of("specialist.south").get(path).text
    supervisors = client_of("billing.south").get(path).text
    with installation.db.write() as session:
        row = session.get_one(Document, piece.id)
        row.transaction_id, row.position, row.kind = before
    for text in ("LENA FROST", "4 QUIET CT"):
        assert text not in theirs
        assert text in supervisors
    assert f"Coupon {piece.ref} is with supervisors, or another office" in theirs


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refusal_of_a_guarded_task_is_kept(
    client_of: Clients, pages: list[str], group: dict[str, Seeded], installation: Installation,
    method: str,
) -> None:  # fmt: skip
    path = f"/tasks/{group['SOUTH'].names['task_ref']}" + ("/start" if method == "post" else "")
    with installation.db.read() as session:
        before = refusals(session)
    assert client_of("specialist.south").request(method, path).status_code == 403
    with installation.db.read() as session:
        assert refusals(session) == before + 1


def refusals(session: Session) -> int:
    kept = select(func.count()).where(
        AuditEvent.action == "access.refused", AuditEvent.subject_kind == "address_task"
    )
    return session.scalar(kept) or 0


def test_a_confidential_address_is_not_shown_among_the_candidates(
    client_of: Clients, group: dict[str, Seeded], installation: Installation
) -> None:
    names = group["NORTH"].names
    path = f"/review/{names['item_ref']}"
    specialist = client_of("specialist.north")
    with installation.db.read() as session:
        account = session.scalars(
            select(Account).where(Account.number == names["account_number"])
        ).one()
        assert account.address is not None
        street = account.address.street
    assert street in specialist.get(path).text
    wish = {"note": "asked in writing"}
    ask = f"/accounts/{names['account_number']}/confidential"
    assert client_of("billing.north").post(ask, data=wish).status_code == 303
    theirs = specialist.get(path).text
    assert street not in theirs
    assert "confidential address" in theirs
    assert street in client_of("billing.north").get(path).text
