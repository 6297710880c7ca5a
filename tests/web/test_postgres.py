"""The pages on PostgreSQL: what SQLite forgives in a query, PostgreSQL does not."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from records import crypto
from records.installation import open_installation
from records.settings import Settings
from tests.web.conftest import ORIGIN
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
        if not isinstance(route, GuardedRoute) or "GET" not in route.methods:
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
