"""What a question's page does not say to everybody.

Of a piece that supervisors review (a death, an opened envelope, a dispute), only they see what was
read; of one that was passed on to another office, only that office. The address of an account
that is confidential (45 CFR 164.522(b)) is for supervisors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_versions
from matching.evidence import Evidence
from records.models import Account
from returned_mail import guarded, passing

CONFIDENTIAL: Final = "confidential address"


def hide(
    session: Session, found: Evidence, offices: frozenset[str] | None, *, supervisor: bool
) -> tuple[Evidence, frozenset[str]]:
    """The evidence without what is kept back, and the ids of the documents that are.

    ``offices`` are the codes of those in the person's sight, None for all.
    """
    ids = [each.document_id for each in found.documents]
    closed = passing.documents(session, ids, offices)
    if not supervisor:
        closed |= guarded.documents(session, ids)
    documents = tuple(
        replace(each, fields={}, warnings=()) if each.document_id in closed else each
        for each in found.documents
    )
    kept = frozenset() if supervisor else _confidential(session, found)
    parts = tuple(_without(part, kept) for part in found.parts) if kept else found.parts
    return replace(found, documents=documents, parts=parts), closed


def _confidential(session: Session, found: Evidence) -> frozenset[str]:
    """The numbers of those candidates whose address is confidential."""
    shown = {str(each["account_number"]) for part in found.parts for each in part["candidates"]}
    query = select(Account.id, Account.number).where(Account.number.in_(shown))
    numbers = {ident: number for ident, number in session.execute(query)}  # noqa: C416
    kept = address_versions.confidential_among(session, numbers)
    return frozenset(numbers[each] for each in kept)


def _without(part: Mapping[str, Any], kept: frozenset[str]) -> Mapping[str, Any]:
    candidates = [
        {**each, "address": CONFIDENTIAL} if each["account_number"] in kept else each
        for each in part["candidates"]
    ]
    return {**part, "candidates": candidates}
