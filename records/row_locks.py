"""A row locked and read anew: whoever waited for the lock sees what the other one did."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from records.models.base import Base

Row = TypeVar("Row", bound=Base)


def locked(session: Session, model: type[Row], key: str) -> Row | None:
    """The row of this id under a lock, as it stands in the database now; None if there is none.

    A lock alone gives back the object that the session loaded before it waited. What this
    session changed itself is written first, so that it is not lost.
    """
    session.flush()
    return session.get(model, key, with_for_update=True, populate_existing=True)
