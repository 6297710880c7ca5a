"""The page of an account's addresses: who may set a confidential one, and what is kept of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matching import address_versions
from matching.address_versions import NewAddress
from records.installation import Installation
from records.models import Account, AccountChange, AddressTask, AuditEvent, Remail
from tests.web.conftest import Clients
from tests.web.seed import Seeded

NEW = {
    "street": "C/O Hope House, 99 Hill Rd", "city": "Troy", "state": "OH", "zip_code": "45373",
    "note": "asked in writing, May 2",
}  # fmt: skip


@pytest.fixture
def number(group: dict[str, Seeded]) -> str:
    return group["NORTH"].names["account_number"]


def test_only_supervisors_open_it(client_of: Clients, number: str) -> None:
    for who, answer in (("specialist", 403), ("auditor", 403), ("billing", 200), ("admin", 200)):
        assert client_of(f"{who}.north").get(f"/accounts/{number}/address").status_code == answer
    assert client_of("billing.south").get(f"/accounts/{number}/address").status_code == 404
    link = f"/accounts/{number}/address"
    assert link not in client_of("specialist.north").get(f"/accounts/{number}").text
    assert link in client_of("billing.north").get(f"/accounts/{number}").text


def test_a_confidential_address_is_typed_told_to_the_pms_and_put_on_record(
    client_of: Clients, number: str, installation: Installation
) -> None:
    billing = client_of("billing.north")
    refused = billing.post(f"/accounts/{number}/confidential/new", data={**NEW, "zip_code": "1"})
    assert refused.status_code == 400
    sent = client_of("specialist.north").post(f"/accounts/{number}/confidential/new", data=NEW)
    assert sent.status_code == 403
    assert billing.post(f"/accounts/{number}/confidential/new", data=NEW).status_code == 303
    page = billing.get(f"/accounts/{number}/address").text
    assert "C/O HOPE HOUSE 99 HILL RD, TROY, OH 45373" in page
    assert "asked in writing, May 2" in page
    with installation.db.read() as session:
        account = session.scalars(select(Account).where(Account.number == number)).one()
        changes = select(AccountChange.kind).where(
            AccountChange.account_id == account.id, AccountChange.state == "queued"
        )
        assert "address_change" in session.scalars(changes).all()
        said = session.scalars(select(AuditEvent.action)).all()
        assert {"address.confidential_set", "account.address_viewed"} <= set(said)


def test_it_is_replaced_kept_and_ended_with_a_reason(client_of: Clients, number: str) -> None:
    billing = client_of("billing.north")
    path = f"/accounts/{number}/confidential"
    other = {**NEW, "street": "5 Pine Ct"}
    assert billing.post(f"{path}/new", data=other).status_code == 303
    assert billing.post(f"{path}/new", data=other).status_code == 409  # it is on file already
    assert billing.post(f"{path}/end", data={"note": " "}).status_code == 400
    assert billing.post(f"{path}/end", data={"note": "withdrawn"}).status_code == 303
    assert 'id="confidential"' not in billing.get(f"/accounts/{number}/address").text
    assert billing.post(path, data={"note": "asked by phone"}).status_code == 303
    assert 'id="confidential"' in billing.get(f"/accounts/{number}/address").text


def test_the_remail_list_shows_the_address_that_the_file_will_have(
    client_of: Clients, group: dict[str, Seeded], installation: Installation
) -> None:
    names = group["SOUTH"].names
    specialist = client_of("specialist.south")
    new = {"street": "7 Birch Ln", "city": "Columbus", "state": "OH", "zip_code": "43215"}
    ended = specialist.post(f"/tasks/{names['task_ref']}/resolve", data=new)
    assert ended.status_code == 303
    with installation.db.write() as session:
        row = session.scalars(
            select(Remail).join(AddressTask).where(AddressTask.ref == names["task_ref"])
        ).one()
        later = NewAddress("8 OAK LN", "TROY", "OH", "45373")
        address_versions.add(session, row.account_id, later, source="import", actor="user:x")
    page = specialist.get("/remails").text
    assert "8 OAK LN" in page
    assert "7 BIRCH LN" not in page
    with installation.db.read() as session:  # looking at it changes nothing
        assert session.get_one(Remail, row.id).address_version.street == "7 BIRCH LN"
