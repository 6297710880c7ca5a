"""A remittance that came after the posting: a person has compared it with what was posted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from matching.remittance_people import found, reason
from records import audit
from records.errors import Conflict
from records.models import Remittance


def looked_at(
    session: Session, ref: str, actor: str, what: str, offices: Collection[str] | None = None
) -> Remittance:
    """Put on record what came of it; nothing that was posted changes by this.

    WrongUse ``reason_missing``; Conflict ``not_late``.
    """
    told = reason(what, "Say what came of it.")
    row = found(session, ref, offices)
    if not row.late or row.reason:
        raise Conflict("not_late", f"{ref} waits for no look.", "Reload the page.")
    row.reason = told
    session.flush()
    audit.record(session, actor=actor, action="remittance.looked_at", subject_kind="remittance",
                 subject_id=row.id, detail={"ref": row.ref})  # fmt: skip
    return row
