"""A running application on a real SQLite database with a small group in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.installation import Installation
from records.models import AddressTask, User
from records.settings import Settings
from tests.databases import open_empty
from tests.web.seed import Seeded, seed
from web import auth
from web.app import create_app

ORIGIN = "http://lockbox.test"
Clients = Callable[[str | None], TestClient]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("lockbox")
    held = open_empty(Settings(data_dir=folder, max_upload_bytes=3_000_000))
    yield held
    held.close()


@pytest.fixture(scope="module")
def group(installation: Installation) -> dict[str, Seeded]:
    return seed(installation)


@pytest.fixture(scope="module")
def client_of(installation: Installation, group: dict[str, Seeded]) -> Clients:
    """A client logged in as a user name; None for nobody."""
    app = create_app(installation)

    def client(username: str | None) -> TestClient:
        made = TestClient(
            app,
            base_url=ORIGIN,
            headers={"origin": ORIGIN},
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        if username is not None:
            with installation.db.write() as session:
                user = session.scalars(select(User).where(User.username == username)).one()
                made.cookies.set(auth.COOKIE, auth.open_session(session, user.id))
        return made

    return client


def task_of(session: Session, ref: str) -> AddressTask:
    """The address task of a reference, in this session."""
    return session.scalars(select(AddressTask).where(AddressTask.ref == ref)).one()
