"""Fixtures of the tests of matching."""

from __future__ import annotations

import pytest

from records.db import Database
from tests.matching import world
from tests.scenes import Scenes


@pytest.fixture
def group(db: Database, scenes: Scenes) -> Database:
    """A database with two offices, six accounts and seven statements."""
    scenes.put(db, world.fill)
    return db
