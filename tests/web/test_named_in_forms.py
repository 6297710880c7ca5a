"""What a form or JSON names beside the path: of another office it is answered like what is not.

The table is held against the routes themselves: one that takes a new name has to stand in it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import select

from records.installation import Installation
from records.models import Account, Allocation, BankAccount, BankLine, Office, Payment
from tests.web.conftest import Clients
from tests.web.seed import Seeded
from web.app import create_app
from web.routes import GuardedRoute

Names = dict[str, str]
Body = Callable[[str], dict[str, Any]]

NAMING: Final = {"payment", "deposit", "also", "check", "more", "item", "account", "office",
                 "bank_account", "bank_account_id", "pickup", "account_number"}  # fmt: skip
"""Fields of forms, queries and JSON that name a thing which is some office's."""

_ON = {"returned_on": "2026-11-18", "reason": "stale"}
CASES: Final[tuple[tuple[str, str, Body], ...]] = (
    # path, the kind of what the form names, and the form
    ("/bank/lines/{line_id}/settle", "deposit_ref", lambda ref: {"deposit": ref}),
    ("/bank/lines/{line_id}/settle", "line_id", lambda ref: {"also": ref}),
    ("/bank/lines/{line_id}/part", "deposit_ref", lambda ref: {"deposit": ref}),
    ("/bank/lines/{line_id}/electronic", "payment_ref", lambda ref: {"payment": ref}),
    ("/bank/lines/{line_id}/electronic", "line_id", lambda ref: {"also": ref}),
    ("/bank/lines/{line_id}/returned", "payment_ref", lambda ref: {"check": ref}),
    ("/bank/lines/{line_id}/returned", "payment_ref", lambda ref: {"more": ref}),
    ("/bank/find-returned", "payment_ref", lambda ref: {"payment": ref, **_ON}),
    ("/remittances/{remittance_ref}/partner", "payment_ref",
     lambda ref: {"step": "join", "payment": ref}),
    ("/remittances/{remittance_ref}/partner", "remittance_ref",
     lambda ref: {"step": "join", "also": ref}),
    ("/api/v1/remittances/{remittance_ref}", "payment_ref",
     lambda ref: {"step": "join", "payment": ref}),
    ("/api/v1/remittances/{remittance_ref}", "remittance_ref",
     lambda ref: {"step": "join", "also": [ref]}),
    ("/api/v1/held/{held_ref}", "account_number",
     lambda ref: {"allocations": [{"account_number": ref, "amount_cents": 100}]}),
    ("/held/{held_ref}/place", "account_number",
     lambda ref: {"account": ref, "amount": "1.00"}),
    ("/denials", "office_code", lambda ref: {"office": ref}),
    ("/tasks", "office_code", lambda ref: {"office": ref}),
)  # fmt: skip
"""Where nothing else than the name decides; the other routes of this kind are tested beside what
they do: tests of the courier, uploads, review, tasks, the bank's files and returned items."""
ELSEWHERE: Final = {
    "/courier", "/api/v1/uploads", "/review/{item_ref}/why", "/api/v1/payments/{payment_ref}/why",
    "/tasks/{task_ref}/account", "/bank/import", "/bank/unmatched/tie", "/bank/unmatched/not-ours",
    "/returned-mail/acs",
    "/bank/unmatched/keep", "/bank/unmatched/note", "/deposits/{deposit_ref}/images",
    "/api/v1/pickups", "/deposits/{deposit_ref}/remove",
}  # fmt: skip
MADE_UP: Final = "PAY-2BC-D4F5"
OUT_OF_SIGHT: Final = {"not_found", "unknown_office", "payment_unknown", "remittance_unknown",
                       "account_of_another_office"}  # fmt: skip


@pytest.fixture(scope="module")
def names(installation: Installation, group: dict[str, Seeded]) -> tuple[Names, Names]:
    """Things of NORTH and of SOUTH, whose payments go to one bank account."""
    with installation.db.write() as session:
        shared = session.scalars(
            select(BankAccount).where(BankAccount.code == "NORTH-OPERATING")
        ).one()
        session.get_one(Office, group["SOUTH"].office_id).bank_account_id = shared.id
        line = session.get_one(BankLine, group["NORTH"].names["line_id"])
        line.kind, line.amount_cents = "eft_credit", 12_500
        for each in group.values():
            payment = session.scalars(
                select(Payment).where(Payment.ref == each.names["payment_ref"])
            ).one()
            payment.kind, payment.deposit_state = "eft", "electronic"
    return group["NORTH"].names, group["SOUTH"].names


@pytest.fixture(scope="module")
def clerk(client_of: Clients) -> TestClient:
    return client_of("billing.north")


def ask(client: TestClient, path: str, own: Names, body: dict[str, Any]) -> tuple[int, str]:
    """Status and code of the answer to what a person of NORTH sends."""
    for name, value in own.items():
        path = path.replace("{" + name + "}", value)
    how = {"accept": "application/json"}
    if path.startswith("/api/"):
        got = client.post(path, json=body, headers=how)
    elif path in {"/denials", "/tasks"}:
        got = client.get(path, params=body, headers=how)
    else:
        got = client.post(path, data=body, headers=how)
    is_json = "json" in got.headers.get("content-type", "") and got.content
    told = got.json() if is_json else {}
    return got.status_code, str(told.get("code") or "")


def filled(path: str, kind: str, body: Body, ref: str, own: Names) -> dict[str, Any]:
    """The form with this name in it, and all else of the person's own office."""
    more: dict[str, Any] = {}
    if kind == "line_id":
        more = {"payment": own["payment_ref"], "deposit": own["deposit_ref"]}
    elif kind == "remittance_ref":
        more = {"payment": own["payment_ref"]}
    return {**more, **body(ref)}


@pytest.mark.parametrize("path", ["/bank", "/remittances/waiting", "/api/v1/remittances/waiting"])
def test_a_shared_bank_accounts_lines_are_offered_the_persons_own_payments_alone(
    clerk: TestClient, client_of: Clients, names: tuple[Names, Names], path: str
) -> None:
    """Both offices' payments are of the credit's cents, and announced by an 835."""
    own, foreign = names
    whole = client_of("root").get(path).text
    assert own["payment_ref"] in whole
    assert foreign["payment_ref"] in whole
    seen = clerk.get(path).text
    assert own["payment_ref"] in seen
    assert foreign["payment_ref"] not in seen


def test_a_payments_part_at_another_office_names_neither_account_nor_statement(
    clerk: TestClient, installation: Installation, names: tuple[Names, Names]
) -> None:
    own, foreign = names
    with installation.db.write() as session:
        payment = session.scalars(select(Payment).where(Payment.ref == own["payment_ref"])).one()
        other = session.scalars(
            select(Account).where(Account.number == foreign["account_number"])
        ).one()
        session.add(
            Allocation(
                payment_id=payment.id, decision_id=payment.decisions[0].id,
                destination="account", account_id=other.id,
                statement_id=other.statements[0].id, amount_cents=1,
            )
        )  # fmt: skip
    page = clerk.get(f"/payments/{own['payment_ref']}").text
    assert "another office" in page
    assert foreign["account_number"] not in page
    assert "ST2" not in page


@pytest.mark.parametrize(("path", "kind", "body"), CASES)
def test_a_thing_of_another_office_is_named_in_vain(
    clerk: TestClient, names: tuple[Names, Names], path: str, kind: str, body: Body
) -> None:
    own, foreign = names
    theirs = ask(clerk, path, own, filled(path, kind, body, foreign[kind], own))
    nothing = ask(clerk, path, own, filled(path, kind, body, MADE_UP, own))
    assert theirs == nothing, "what is out of sight is answered like what does not exist"
    assert theirs[0] in (400, 404, 409), theirs
    assert theirs[1] in OUT_OF_SIGHT


@pytest.mark.parametrize(("path", "kind", "body"), CASES)
def test_a_thing_of_the_persons_own_office_is_let_in_or_refused_for_what_it_is(
    clerk: TestClient, names: tuple[Names, Names], path: str, kind: str, body: Body
) -> None:
    """After the others: what is let in is done."""
    own, _ = names
    mine = ask(clerk, path, own, filled(path, kind, body, own[kind], own))
    assert mine[1] not in OUT_OF_SIGHT, mine


def test_a_credit_of_another_offices_money_is_taken_apart_by_its_own_people_alone(
    clerk: TestClient, client_of: Clients, installation: Installation, names: tuple[Names, Names]
) -> None:
    """The line and its account belong to both offices, the payment does not."""
    own, foreign = names
    with installation.db.write() as session:
        known = session.get_one(BankLine, own["line_id"])
        line = BankLine(
            bank_file_id=known.bank_file_id, bank_account_id=known.bank_account_id,
            fingerprint="f" * 64, value_on=known.value_on, amount_cents=12_500,
            direction="credit", kind="eft_credit",
        )  # fmt: skip
        session.add(line)
        session.flush()
        way, why = f"/bank/lines/{line.id}", {"why": "of another insurer"}
    root = client_of("root")
    answer = root.post(f"{way}/electronic", data={"payment": foreign["payment_ref"]})
    assert answer.status_code == 303
    assert foreign["payment_ref"] not in clerk.get("/bank").text
    assert clerk.post(f"{way}/unsettle", data=why).status_code == 404
    assert "Take apart" in root.get("/bank").text
    assert root.post(f"{way}/unsettle", data=why).status_code == 303
    assert foreign["payment_ref"] in root.get("/remittances/waiting").text


def test_every_route_that_takes_a_name_is_tried(installation: Installation) -> None:
    tried = {path for path, _, _ in CASES} | ELSEWHERE
    app = create_app(installation)
    taking = {
        route.path
        for route in app.router.routes
        if isinstance(route, GuardedRoute) and not route.access.whole_group and _names(route)
    }
    assert taking - tried == set()


def _names(route: GuardedRoute) -> set[str]:
    """What a route takes beside its path that names a thing, in JSON one level down as well."""
    found: set[str] = set()
    for name, each in inspect.signature(route.endpoint, eval_str=True).parameters.items():
        if name in route.param_convertors:
            continue
        found.add(name)
        if inspect.isclass(each.annotation) and issubclass(each.annotation, BaseModel):
            for field, told in each.annotation.model_fields.items():
                found.add(field)
                inner = getattr(told.annotation, "__args__", ())
                for each_part in inner:
                    part = getattr(each_part, "__origin__", each_part)
                    if inspect.isclass(part) and issubclass(part, BaseModel):
                        found |= set(part.model_fields)
    return found & NAMING
