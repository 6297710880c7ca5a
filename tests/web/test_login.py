"""Logging in: sessions on the server, guesses slowed down, and no change from foreign pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records import clock
from records.installation import Installation
from records.models import AuditEvent, LoginAttempt, User, WebSession
from tests.web.conftest import ORIGIN, Clients
from tests.web.seed import PASSWORD
from web import auth
from web.app import create_app


def login(client: TestClient, username: str, password: str = PASSWORD, **more: str):
    return client.post("/login", data={"username": username, "password": password, **more})


def test_the_right_password_opens_a_session_kept_on_the_server(
    client_of: Clients, installation: Installation
) -> None:
    client = client_of(None)
    answer = login(client, "Billing.North", next="/files?state=done")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/files?state=done"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = client.cookies[auth.COOKIE]
    with installation.db.read() as session:
        hashes = list(session.scalars(select(WebSession.token_hash)))
    assert token.encode() not in b"".join(hashes)
    assert client.get("/files").status_code == 200


def test_over_https_the_cookie_never_travels_in_the_clear(
    installation: Installation, group
) -> None:
    client = TestClient(
        create_app(installation),
        base_url="https://lockbox.test",
        headers={"origin": "https://lockbox.test"},
        follow_redirects=False,
    )
    answer = login(client, "billing.north")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


def test_the_cursor_waits_in_the_field_that_is_empty(client_of: Clients) -> None:
    empty = client_of(None).get("/login").text
    again = login(client_of(None), "nobody.here", "wrong").text
    for page, field in ((empty, "username"), (again, "password")):
        focused = [each for each in page.split("<input") if "autofocus" in each.split(">")[0]]
        assert len(focused) == 1
        assert f'name="{field}"' in focused[0]


def test_every_wrong_login_gets_the_same_answer(client_of: Clients) -> None:
    answers = {
        login(client_of(None), name, "wrong password").text.replace(name, "")
        for name in ("auditor.south", "nobody.at.all")
    }
    assert len(answers) == 1


def test_after_five_wrong_guesses_even_the_right_password_waits(
    client_of: Clients, installation: Installation
) -> None:
    client = client_of(None)
    for _ in range(5):
        assert login(client, "specialist.south", "wrong password").status_code == 401
    # A new application on the same database: a restart does not forget.
    again = TestClient(
        create_app(installation),
        base_url=ORIGIN,
        headers={"origin": ORIGIN},
        follow_redirects=False,
    )
    answer = login(again, "specialist.south")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert login(client, "billing.south").status_code == 303
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        attempt = auth.sign_in(installation.db, "specialist.south", PASSWORD, "testclient")
    assert attempt


def test_an_address_that_tries_many_names_is_slowed_down(
    client_of: Clients, installation: Installation
) -> None:
    with installation.db.write() as session:
        session.add_all(LoginAttempt(key="address:testclient") for _ in range(30))
    answer = login(client_of(None), "courier.south")
    with installation.db.write() as session:
        for row in session.scalars(
            select(LoginAttempt).where(LoginAttempt.key == "address:testclient")
        ):
            session.delete(row)
    assert answer.status_code == 429


def test_an_idle_session_ends_and_a_page_that_refreshes_itself_does_not_keep_it(
    client_of: Clients, installation: Installation
) -> None:
    client = client_of("courier.north")
    start = clock.now()
    for minutes in (15, 30):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert client.get("/courier").status_code == 200
    with clock.frozen(start + timedelta(minutes=45)):
        assert client.get("/courier", headers={"x-background": "1"}).status_code == 200
    with clock.frozen(start + timedelta(minutes=51)):
        answer = client.get("/courier")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/courier"


def test_a_part_of_a_page_sends_the_whole_browser_to_the_login(client_of: Clients) -> None:
    answer = client_of(None).get("/courier", headers={"hx-request": "true"})
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"] == "/login"


def test_a_logged_out_cookie_opens_nothing(client_of: Clients) -> None:
    client = client_of("courier.north")
    token = client.cookies[auth.COOKIE]
    assert client.post("/logout").status_code == 303
    client.cookies.set(auth.COOKIE, token)
    assert client.get("/courier").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
        {"origin": ""},
    ],
)
def test_a_change_from_a_foreign_page_is_refused(
    client_of: Clients, headers: dict[str, str]
) -> None:
    client = client_of("courier.north")
    assert client.post("/me/password", headers=headers).status_code == 403
    del client.headers["origin"]
    assert client.post("/me/password").status_code == 403
    assert client.post("/me/password", headers={"sec-fetch-site": "same-origin"}).status_code == 422


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil", "x\n"])
def test_the_way_after_login_never_leads_elsewhere(client_of: Clients, path: str) -> None:
    answer = login(client_of(None), "billing.north", next=path)
    assert answer.headers["location"] == "/"


def test_every_answer_carries_the_headers_that_keep_scripts_out(client_of: Clients) -> None:
    client = client_of("billing.north")
    for path in ("/", "/login", "/files", "/no-such-page", "/static/app.css", "/healthz"):
        headers = client.get(path).headers
        csp = headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "unsafe" not in csp
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "no-store" in headers["cache-control"] or path.startswith("/static")


def test_a_new_password_ends_the_sessions_on_other_devices(client_of: Clients) -> None:
    here, there = client_of("auditor.north"), client_of("auditor.north")
    wrong = here.post("/me/password", data={"current": "no", "new": "another long one"})
    assert wrong.status_code == 400
    short = here.post("/me/password", data={"current": PASSWORD, "new": "short"})
    assert short.status_code == 400
    done = here.post("/me/password", data={"current": PASSWORD, "new": "another long one"})
    assert done.status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303


def test_logins_and_failures_stand_in_the_audit_chain_without_the_typed_name(
    client_of: Clients, installation: Installation
) -> None:
    login(client_of(None), "s3cret-typed-as-name", "x")
    login(client_of(None), "billing.north")
    with installation.db.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.action.like("login%"))).all()
    assert {"login", "login.failed"} <= {row.action for row in rows}
    assert "s3cret" not in str([(row.actor, row.subject_id, row.detail) for row in rows])


def test_a_new_password_makes_old_tokens_void(
    client_of: Clients, installation: Installation
) -> None:
    def token(username: str) -> str:
        with installation.db.write() as session:
            user = session.scalars(select(User).where(User.username == username)).one()
            return auth.new_api_token(session, user.id, "scanner", f"user:{username}")

    def status(made: str) -> int:
        headers = {"authorization": f"Bearer {made}"}
        return client_of(None).get("/api/v1/pickups", headers=headers).status_code

    own, reset, other = token("admin.south"), token("auditor.north"), token("admin.north")
    assert {status(own), status(reset), status(other)} == {200}
    data = {"current": PASSWORD, "new": "another long one"}
    assert client_of("admin.south").post("/me/password", data=data).status_code == 303
    answer = client_of("root").post(
        "/admin/users/auditor.north/password", data={"password": "yet another one"}
    )
    assert answer.status_code == 303
    assert (status(own), status(reset), status(other)) == (401, 401, 200)


def test_guesses_at_the_current_password_are_slowed_down(client_of: Clients) -> None:
    client = client_of("billing.south")
    guess = {"current": "wrong password", "new": "another long one"}
    assert [client.post("/me/password", data=guess).status_code for _ in range(5)] == [400] * 5
    right = {"current": PASSWORD, "new": "another long one"}
    assert client.post("/me/password", data=right).status_code == 429
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert client.post("/me/password", data=right).status_code == 303
