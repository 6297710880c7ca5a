"""The matching index at the start of a program: built when an upgrade left it behind."""

from __future__ import annotations

from matching import reindex
from records.db import Database


def ensure(db: Database) -> None:
    """Build or bring up to date the index that a new version's migration emptied or outdated."""
    with db.read() as session:
        if reindex.is_current(session):
            return
    reindex.reindex(db)
