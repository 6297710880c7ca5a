"""A database as an earlier version of the program left it, for tests of its migration."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command

from records import crypto, migrate
from records.db import Database
from tests.servers import PostgresServer


def database_at(version: str, request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty one at this migration, on ``sqlite`` or ``postgresql`` as the fixture's param."""
    crypto.install(crypto.load_keyring(tmp_path / "keys" / "master.json", fresh=True))
    if request.param == "sqlite":
        db = Database(f"sqlite:///{tmp_path / 'older.sqlite'}")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        db = Database(server.url(server.new_database()))
    with db.write() as session:
        config = migrate._config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, version)
    return db
