"""The pages on PostgreSQL: what SQLite forgives in a query, PostgreSQL does not."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import crypto
from records.installation import open_installation
from records.models import (
    Account,
    Denial,
    HeldPart,
    Payment,
    Remittance,
    ReviewItem,
    SourceFile,
)
from records.settings import Settings
from tests.web.conftest import ORIGIN
from tests.web.desk import open_desk
from tests.web.eobs import remitted
from tests.web.seed import PASSWORD, seed
from web.app import create_app
from web.routes import GuardedRoute


def test_every_page_answers_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_url)
    crypto.load_keyring(settings.master_key_file, fresh=True)
    installation = open_installation(settings)
    names = seed(installation)["NORTH"].names
    app = create_app(installation)
    client = TestClient(
        app, base_url=ORIGIN, headers={"origin": ORIGIN}, raise_server_exceptions=False
    )
    wrong = client.post("/login", data={"username": "root", "password": "a wrong guess"})
    assert wrong.status_code == 401
    answer = client.post("/login", data={"username": "root", "password": PASSWORD})
    assert answer.status_code == 200
    for route in app.router.routes:
        if not isinstance(route, GuardedRoute) or "GET" not in (route.methods or ()):
            continue
        if route.access.public or "admin" in route.access.roles:
            path = route.path.format(**names)
            status = client.get(path, params={"q": "Quill1"}).status_code
            assert status not in {401, 403, 404, 500}, (path, status)
    sent = client.post(f"/courier/{names['pickup_ref']}/files", content=b"%PDF on postgres")
    assert sent.status_code == 201
    again = client.post(f"/courier/{names['pickup_ref']}/files", content=b"%PDF on postgres")
    assert again.json()["duplicate"] is True
    assert client.post(f"/jobs/{names['job_id']}/retry").status_code == 200
    assert "The chain holds" in client.post("/audit/verify").text
    installation.close()


def _names(session: Session) -> dict[str, list[str]]:
    """What the paths of pages name, all of each kind that there is."""
    found = {
        "remittance_ref": session.scalars(select(Remittance.ref)),
        "payment_ref": session.scalars(select(Payment.ref)),
        "denial_ref": session.scalars(select(Denial.ref)),
        "held_ref": session.scalars(select(HeldPart.ref)),
        "item_ref": session.scalars(select(ReviewItem.ref)),
        "file_ref": session.scalars(select(SourceFile.ref).limit(1)),
        "account_number": session.scalars(select(Account.number).limit(3)),
    }
    return {name: list(each) for name, each in found.items()}


def test_pages_of_remittances_and_their_money_answer_on_postgresql_with_rows_in_them(
    postgres_url: str, tmp_path: Path
) -> None:
    desk = open_desk(tmp_path, postgres_url)
    remitted(desk)
    with desk.installation.db.read() as session:
        names = _names(session)
    assert all(names.values()), names
    client = desk.client("ada")
    asked = 0
    for route in client.app.router.routes:  # type: ignore[attr-defined]
        if not isinstance(route, GuardedRoute) or "GET" not in (route.methods or ()):
            continue
        needed = set(route.param_convertors)
        if len(needed) > 1 or not needed <= set(names):
            continue
        for value in [value for name in needed for value in names[name]] or [""]:
            path = route.path.format(**dict.fromkeys(needed, value))
            status = client.get(path, params={"q": "Okafor"}).status_code
            assert status < 500, (path, status)
            asked += 1
    assert asked > 60
    waits = client.get("/remittances/waiting").text
    kinds = ("without its payment", "without its EOB", "without the bank", "without its ERA")
    for told in (*kinds, "read otherwise, after the posting", "the EOB says $812.37"):
        assert told in waits
    for step, who in (("late", "bill"), ("remittance", "sam")):
        assert desk.client(who).get(f"/remittances/waiting?kind={step}").status_code == 200
    assert "together of the" in client.get("/remittances/joined").text
    (denial,) = names["denial_ref"]
    assert denial in client.get("/denials").text
    desk.installation.close()
