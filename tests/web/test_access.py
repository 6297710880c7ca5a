"""Every endpoint x role x office: the roles a route declares are the roles it lets in.

The table is made from the routes themselves, so a new page is tested the day it is written.
"""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from records import audit
from records.installation import Installation
from records.models.group import ROLES
from tests.web.conftest import Clients
from tests.web.seed import Seeded
from web import routes as guarded
from web.app import create_app
from web.routes import EVERYBODY, Access, GuardedRoute

# Logging out would end the session the next case needs.
SKIPPED = {"/logout"}


@pytest.fixture(scope="module")
def every_route(installation: Installation) -> list[GuardedRoute]:
    app = create_app(installation)
    return [r for r in app.router.routes if isinstance(r, GuardedRoute) and r.path not in SKIPPED]


@pytest.fixture(scope="module")
def clients(client_of: Clients) -> dict[str, TestClient]:
    names = [f"{role}.{office}" for role in ROLES for office in ("north", "south")]
    return {name: client_of(name) for name in [*names, "root"]}


REFUSALS = {"login_needed", "role_refused", "whole_group_only", "not_found", "internal_error"}


def call(client: TestClient, route: GuardedRoute, names: dict[str, str]) -> int:
    return answer(client, route, names).status_code


def answer(client: TestClient, route: GuardedRoute, names: dict[str, str]) -> Response:
    path = route.path
    for name in route.param_convertors:
        path = path.replace("{" + name + "}", names[name])
    (method,) = route.methods - {"HEAD"}
    return client.request(method, path, headers={"accept": "application/json"})


def test_there_are_routes_and_each_declares_its_roles(every_route: list[GuardedRoute]) -> None:
    assert len(every_route) > 30
    public = {r.path for r in every_route if r.access.public}
    assert public == {"/healthz", "/readyz", "/metrics", "/login"}


def test_without_a_login_nothing_opens(
    client_of: Clients, every_route: list[GuardedRoute], group: dict[str, Seeded]
) -> None:
    nobody = client_of(None)
    for route in every_route:
        if not route.access.public:
            assert call(nobody, route, group["NORTH"].names) == 401, route.path


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_exactly_the_routes_that_name_it(
    role: str,
    clients: dict[str, TestClient],
    every_route: list[GuardedRoute],
    group: dict[str, Seeded],
) -> None:
    for route in every_route:
        if route.access.public or (role in route.access.roles and changes(route)):
            continue
        status = call(clients[f"{role}.north"], route, group["NORTH"].names)
        if role in route.access.roles and not route.access.whole_group:
            assert status not in {401, 403, 404, 500}, (route.path, status)
        else:
            assert status == 403, (route.path, status)


@pytest.mark.parametrize("role", ROLES)
def test_a_thing_of_another_office_is_not_there(
    role: str,
    clients: dict[str, TestClient],
    every_route: list[GuardedRoute],
    group: dict[str, Seeded],
) -> None:
    foreign = group["SOUTH"].names
    seen = 0
    for route in every_route:
        group_wide = set(route.param_convertors) <= {"token_id"}
        if role not in route.access.roles or group_wide or route.access.whole_group:
            continue
        seen += 1
        assert call(clients[f"{role}.north"], route, foreign) == 404, route.path
    assert seen > 2


def test_a_person_of_all_offices_sees_the_things_of_each(
    clients: dict[str, TestClient], every_route: list[GuardedRoute], group: dict[str, Seeded]
) -> None:
    for route in every_route:
        if "admin" in route.access.roles and "GET" in route.methods:
            for office in ("NORTH", "SOUTH"):
                status = call(clients["root"], route, group[office].names)
                assert status not in {401, 403, 404, 500}, (route.path, status)


def test_what_does_not_exist_is_answered_like_what_is_out_of_sight(
    clients: dict[str, TestClient], every_route: list[GuardedRoute], group: dict[str, Seeded]
) -> None:
    unknown = dict.fromkeys(group["NORTH"].names, "no-such-thing")
    for route in every_route:
        if route.param_convertors and not route.access.public:
            for name in ("root", "specialist.north"):
                role = name.split(".")[0].replace("root", "admin")
                if role in route.access.roles and (name == "root" or not route.access.whole_group):
                    assert call(clients[name], route, unknown) == 404, route.path


def test_the_application_does_not_start_with_an_undeclared_route() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/open", lambda: "hello")
    with pytest.raises(guarded.UnguardedRouteError, match="/open"):
        guarded.check(app.router.routes)


def test_a_route_without_roles_or_with_an_unchecked_thing_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="names the roles"):
        Access(frozenset())
    with pytest.raises(ValueError, match="no such roles"):
        Access(frozenset({"janitor"}))
    with pytest.raises(ValueError, match="no office check"):
        guarded.Routes().get("/x/{unheard_of}", EVERYBODY)(unchecked)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_may_change_something_is_let_in(
    role: str,
    clients: dict[str, TestClient],
    every_route: list[GuardedRoute],
    group: dict[str, Seeded],
) -> None:
    """Last in this file: what needs no input is really done."""
    for route in every_route:
        if role in route.access.roles and changes(route):
            client = clients["root" if route.access.whole_group else f"{role}.north"]
            got = answer(client, route, group["NORTH"].names)
            known = "json" in got.headers.get("content-type", "") and got.content
            body = got.json() if known else None
            code = body.get("code") if isinstance(body, dict) else None
            assert code not in REFUSALS, (route.path, code)


def unchecked(unheard_of: str) -> None:
    """A handler of a thing whose offices nobody checks."""
    del unheard_of


def changes(route: GuardedRoute) -> bool:
    """Whether the route may change something."""
    return "POST" in route.methods


def test_an_office_s_auditor_sees_no_events_of_another_office(
    client_of: Clients, group: dict[str, Seeded], installation: Installation
) -> None:
    with installation.db.write() as session:
        for code, seeded in group.items():
            for kind, subject in (("page", seeded.names["page_id"]), ("office", seeded.office_id)):
                audit.record(
                    session,
                    actor="user:root",
                    action=f"{kind}.seen.{code.lower()}",
                    subject_kind=kind,
                    subject_id=subject,
                )
            audit.record(
                session,
                actor=f"user:specialist.{code.lower()}",
                action=f"search.by.{code.lower()}",
                subject_kind="search",
                subject_id="1+0",
            )
    kinds = ("page seen", "office seen", "search by")
    page = client_of("auditor.north").get("/audit").text
    assert all(f"{kind} north" in page for kind in kinds)
    assert not any(f"{kind} south" in page for kind in kinds)
    whole = client_of("root").get("/audit").text
    assert all(f"{kind} {code}" in whole for kind in kinds for code in ("north", "south"))
