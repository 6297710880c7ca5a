"""What later remittances paid of a claim that was denied before: reckoned anew from all of them.

A payment may be taken back, paid again, told twice, or read otherwise than it was at first; what
is said to be recovered is always what stands now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remitted
from matching.claim_facts import day
from matching.denial_lines import WHOLE_CLAIM
from matching.insurers import likeness
from matching.readings import value_of
from records.models import Denial, Document, Remittance
from records.models import RemittedClaim as ClaimRow

_Told = Mapping[str, Any]
_When = tuple[date, datetime, str]
_AT_A_TIME = 500


def reckon(session: Session, keys: Collection[str]) -> list[tuple[Denial, int, str | None]]:
    """The denials of claims (hashes of their numbers) whose recovered cents are not as they stand.

    Each with what was recovered, at most what is at stake, and the id of the document that paid
    it last; None where nothing stands.
    """
    changed = []
    bodies: dict[str, dict[str, list[_Told]] | None] = {}
    for some in _chunks(sorted({key for key in keys if key})):
        rows = session.scalars(
            select(Denial).where(Denial.claim_hmac.in_(some)).order_by(Denial.created_at, Denial.id)
        ).all()
        others = _others(session, {row.claim_hmac for row in rows}) if rows else {}
        for row in rows:
            cents, by = _recovered(row, others.get(row.claim_hmac, ()), bodies)
            if (cents, by) != (row.recovered_cents, row.overturned_by_id):
                changed.append((row, cents, by))
    return changed


def _others(session: Session, keys: Collection[str]) -> dict[str, list[tuple[_When, Document]]]:
    """By claim the live remittances that name it, in the order in which they were told; what is a
    copy tells nothing."""
    query = (
        select(ClaimRow.claim_hmac, ClaimRow.document_id)
        .join(Document, Document.id == ClaimRow.document_id)
        .outerjoin(Remittance, Remittance.document_id == Document.id)
        .where(ClaimRow.claim_hmac.in_(list(keys)), Document.live, Remittance.copy_of_id.is_(None))
        .distinct()
    )
    found: dict[str, list[tuple[_When, Document]]] = defaultdict(list)
    known: dict[str, tuple[_When, Document]] = {}
    for key, ident in session.execute(query):
        if ident not in known:
            document = session.get_one(Document, ident)
            known[ident] = told_when(document), document
        found[key].append(known[ident])
    return {key: sorted(each, key=lambda one: one[0]) for key, each in found.items()}


def told_when(document: Document) -> _When:
    """When a remittance was told: the day of its payment, or its receipt; then in order of entry.

    One that is read late is no later for that.
    """
    fields = document.reading.sealed.get("fields") or {}
    on = day(str(value_of(fields, "payment_on") or ""))
    return on or document.transaction.source_file.received_on, document.created_at, document.id


def _recovered(
    row: Denial,
    others: Sequence[tuple[_When, Document]],
    bodies: dict[str, dict[str, list[_Told]] | None],
) -> tuple[int, str | None]:
    own = next((when for when, each in others if each.id == row.document_id), None)
    if own is None:
        return 0, None  # its own remittance is a copy, or out of play
    stands, by = row.paid_cents, None
    for when, document in others:
        if when <= own or _is_another_payers(row, document):
            continue
        if document.id not in bodies:
            bodies[document.id] = _claims(document)
        for claim in (bodies[document.id] or {}).get(row.claim_hmac, ()):
            cents = _paid_of(claim, row)
            if _is_reversal(claim):
                stands = max(0, stands - abs(cents))
            elif cents > stands:
                stands, by = cents, document.id
    cents = min(row.at_stake_cents, max(0, stands - row.paid_cents))
    return cents, by if cents else None


def _is_another_payers(row: Denial, document: Document) -> bool:
    """Two insurers may give one number to two claims."""
    fields = document.reading.sealed.get("fields") or {}
    return likeness(row.payer_name, str(value_of(fields, "payer_name") or "")) == "different"


def _claims(document: Document) -> dict[str, list[_Told]] | None:
    """A remittance's claims by the hash of their number, what it takes back first; None for one
    that does not balance, since its amounts may be misread."""
    fields = document.reading.sealed.get("fields") or {}
    if value_of(fields, "balanced") is not True:
        return None
    found: dict[str, list[_Told]] = defaultdict(list)
    said = [each for each in value_of(fields, "claims") or () if isinstance(each, Mapping)]
    for claim in sorted(said, key=lambda each: not _is_reversal(each)):
        found[remitted.key_of(str(claim.get("claim_number") or ""))].append(claim)
    return found


def _is_reversal(claim: _Told) -> bool:
    return str(claim.get("status") or "") == "22" or _cents(claim) < 0


def _paid_of(claim: _Told, row: Denial) -> int:
    """What a claim pays of a denied line: the line of its day and procedure, or all of it.

    Of several lines alike the least: which of them was denied, nobody can tell.
    """
    lines = [each for each in claim.get("lines") or () if isinstance(each, Mapping)]
    if row.line == WHOLE_CLAIM or not lines:
        return _cents(claim)
    on = row.service_on.isoformat() if row.service_on else None
    same = [
        _cents(each)
        for each in lines
        if each.get("service_on") == on
        and str(each.get("procedure_code") or "").upper().startswith(row.procedure)
    ]
    return min(same, default=0)


def _cents(said: _Told) -> int:
    cents = said.get("paid_cents")
    return cents if type(cents) is int else 0


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while some := list(islice(left, _AT_A_TIME)):
        yield some
