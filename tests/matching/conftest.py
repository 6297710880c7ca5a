"""Fixtures of the tests of matching."""

from __future__ import annotations

import pytest

from records.db import Database
from tests.matching import world


@pytest.fixture
def group(db: Database) -> Database:
    """A database with two offices, six accounts and seven statements."""
    with db.write() as session:
        world.add_group(session)
    return db
