"""The one row of some values, locked: two that would add it at once get the same one."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records.models import EvidenceWatch, MatchProof, MatchStratum

Row = TypeVar("Row", EvidenceWatch, MatchProof, MatchStratum)


def sole(session: Session, model: type[Row], **wanted: str | int) -> Row:
    """The row of these values, added where there is none, locked until the transaction ends.

    ``wanted`` are the columns that the table holds unique together.
    """
    query = select(model).filter_by(**wanted).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = model(**wanted)
            session.add(row)
            session.flush()
    except IntegrityError:
        return session.scalars(query).one()
    return row
