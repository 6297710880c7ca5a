"""Administration: people, offices and bank accounts; every change is written down."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deposits import bank_setup
from records import audit
from records.installation import Installation
from records.models import AuditEvent, BankAccount, Office, User
from tests.web.conftest import Clients
from tests.web.seed import Seeded
from web import auth


@pytest.fixture
def root(client_of: Clients) -> TestClient:
    return client_of("root")


def person(username: str, **more: object) -> dict[str, object]:
    return {
        "username": username,
        "display_name": "New Person",
        "role": "specialist",
        "password": "a fine long password",
        "offices": "all",
        **more,
    }


def test_a_new_person_can_log_in_and_a_switched_off_one_is_out_at_once(
    root: TestClient, client_of: Clients, installation: Installation, group: dict[str, Seeded]
) -> None:
    office = group["NORTH"].office_id
    assert root.post("/admin/users", data=person("newbie", offices=office)).status_code == 303
    fresh = client_of(None)
    answer = fresh.post("/login", data={"username": "newbie", "password": "a fine long password"})
    assert answer.status_code == 303
    assert fresh.get("/files").status_code == 200
    form = {"display_name": "New Person", "role": "billing", "offices": [office]}
    assert root.post("/admin/users/newbie", data=form).status_code == 303
    assert fresh.get("/files").status_code == 303
    with installation.db.read() as session:
        user = session.scalars(select(User).where(User.username == "newbie")).one()
        assert (user.role, user.active, user.all_offices) == ("billing", False, False)


def test_a_reset_password_ends_all_sessions(root: TestClient, client_of: Clients) -> None:
    victim = client_of("courier.south")
    assert victim.get("/courier").status_code == 200
    short = root.post("/admin/users/courier.south/password", data={"password": "short"})
    assert short.status_code == 400
    done = root.post("/admin/users/courier.south/password", data={"password": "another long one"})
    assert done.status_code == 303
    assert victim.get("/courier").status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "Bad Name"},
        {"password": "short"},
        {"role": "king"},
        {"offices": ""},
        {"username": "root"},
    ],
)
def test_a_person_who_will_not_do_is_refused(root: TestClient, wrong: dict[str, object]) -> None:
    assert root.post("/admin/users", data=person("other") | wrong).status_code in {400, 409}


def test_the_last_administrator_cannot_be_switched_off(root: TestClient) -> None:
    answer = root.post(
        "/admin/users/root",
        data={"display_name": "Ruth Root", "role": "auditor", "offices": "all", "active": "yes"},
    )
    assert answer.status_code == 409
    assert "last_admin" in answer.text


def test_an_administrator_of_one_office_cannot_manage_the_group(client_of: Clients) -> None:
    scoped = client_of("admin.north")
    assert scoped.get("/admin").status_code == 403
    assert scoped.post("/admin/users", data=person("escalated")).status_code == 403


def test_a_bank_account_is_sealed_shown_by_last_four_and_revealed_on_record(
    root: TestClient, installation: Installation
) -> None:
    form = {
        "code": "NEW-BANK",
        "name": "New bank",
        "routing_number": "011401533",
        "account_number": "9988776655",
        "zone": "America/Chicago",
        "cut_off": "16:30",
        "item_limit": "10,000",
        "deposit_limit": "",
        "day_limit": "",
    }
    wrong = root.post("/admin/bank-accounts", data=form | {"routing_number": "011401534"})
    assert wrong.status_code == 400
    assert root.post("/admin/bank-accounts", data=form).status_code == 303
    again = root.post("/admin/bank-accounts", data=form | {"code": "TWICE"})
    assert again.status_code == 409
    page = root.get("/admin/bank-accounts/NEW-BANK").text
    assert "9988776655" not in page
    assert "6655" in page
    assert "9988776655" in root.post("/admin/bank-accounts/NEW-BANK/reveal").text
    kept = root.post(
        "/admin/bank-accounts/NEW-BANK", data=form | {"account_number": "", "name": "Renamed"}
    )
    assert kept.status_code == 303
    with installation.db.read() as session:
        bank = session.scalars(select(BankAccount).where(BankAccount.code == "NEW-BANK")).one()
        assert bank.sealed == {"account_number": "9988776655"}
        assert (bank.name, bank.item_limit_cents, bank.zone) == (
            "Renamed",
            1_000_000,
            "America/Chicago",
        )
        actions = set(session.scalars(select(AuditEvent.action)))
        assert {"bank_account.added", "bank_account.changed", "bank_account.revealed"} <= actions
        assert audit.verify(session).ok


def test_an_office_is_added_and_its_settings_kept(
    root: TestClient, installation: Installation
) -> None:
    with installation.db.read() as session:
        bank_id = session.scalars(select(BankAccount.id)).first()
    form = {"code": "EAST", "name": "East Dental", "bank_account_id": bank_id}
    assert root.post("/admin/offices", data=form).status_code == 303
    assert root.post("/admin/offices", data=form).status_code == 409
    form = {
        "name": "East Side",
        "bank_account_id": bank_id,
        "payees": "East Dental\n\nE. Dental",
        "posting_format": "x12_835",
        "npi": "1234567893",
        "active": "no",
    }
    assert root.post("/admin/offices/EAST", data=form).status_code == 303
    with installation.db.read() as session:
        office = session.scalars(select(Office).where(Office.code == "EAST")).one()
        assert office.settings["acceptable_payees"] == ["East Dental", "E. Dental"]
        assert office.settings["posting_format"] == "x12_835"
        assert not office.active


def test_a_password_is_never_stored_as_typed(installation: Installation) -> None:
    with installation.db.read() as session:
        for hashed in session.scalars(select(User.password_hash)):
            assert hashed.startswith("$argon2id$")
    assert auth.verify_password(auth.hash_password("a fine long password"), "a fine long password")


def test_limits_endorsement_and_paper_of_a_bank_account_are_set_on_its_page(
    root: TestClient, installation: Installation, client_of: Clients
) -> None:
    form = {"code": "LIMITED", "name": "Limited", "routing_number": "011401533",
            "account_number": "5544332211", "item_count_limit": "300"}  # fmt: skip
    assert root.post("/admin/bank-accounts", data=form).status_code == 303
    page = "/admin/bank-accounts/LIMITED"
    kept = form | {"account_number": "", "item_limit": "5,000"}
    for count, status in (("0", 400), ("many", 400), ("", 303), ("250", 303)):
        assert root.post(page, data=kept | {"item_count_limit": count}).status_code == status
    ways = {"profile": "us_bank_2008", "origin_name": "Lakeshore", "endorsement": "PAY US BANK",
            "paper_days": "45", "white_backs": "yes"}  # fmt: skip
    for wrong in ({"endorsement": ""}, {"endorsement": "x" * 61}, {"paper_days": "0"},
                  {"paper_days": "4000"}, {"origin_routing": "12a"}):  # fmt: skip
        assert root.post(f"{page}/deposits", data=ways | wrong).status_code == 400
    assert root.post(f"{page}/deposits", data=ways | {"profile": "nobody"}).status_code == 404
    assert root.post(f"{page}/deposits", data=ways).status_code == 303
    shown = root.get(page).text
    assert 'value="250"' in shown
    assert '<option value="us_bank_2008" selected>' in shown
    assert 'value="PAY US BANK"' in shown
    for name in ("billing.north", "admin.north"):
        assert client_of(name).post(f"{page}/deposits", data=ways).status_code in {403, 404}
    with installation.db.write() as session:
        bank = session.scalars(select(BankAccount).where(BankAccount.code == "LIMITED")).one()
        settings = bank_setup.settings_of(bank)
        assert (settings.paper_days, settings.white_backs, settings.test) == (45, True, False)
        assert bank.item_count_limit == 250
        told = [event.detail.get("changed") for event in session.scalars(
            select(AuditEvent).where(AuditEvent.subject_id == bank.id,
                                     AuditEvent.action == "bank_account.changed")
            .order_by(AuditEvent.seq)
        )]  # fmt: skip
        assert told == ["item_limit_cents, item_count_limit", "item_count_limit"]
        # The group's own profile stays while no other is chosen, and goes with "none".
        bank.deposit_settings = {**bank.deposit_settings, "profile": "ours", "profile_text": "x"}
    assert '<option value="own" selected>' in root.get(page).text
    for chosen, text in (("own", "x"), ("", "")):
        assert root.post(f"{page}/deposits", data=ways | {"profile": chosen}).status_code == 303
        with installation.db.read() as session:
            bank = session.scalars(select(BankAccount).where(BankAccount.code == "LIMITED")).one()
            assert bank_setup.settings_of(bank).profile_text == text
