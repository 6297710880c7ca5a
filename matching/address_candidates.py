"""Addresses proposed for an account: kept beside the one in force until somebody decides.

A label, a stub, a file that disagrees with a verified address, a verifier that knows of a move:
none of them changes an address by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_versions, names
from matching.address_versions import NewAddress
from matching.places import place
from records import audit, clock, crypto
from records.errors import Conflict, NotFound
from records.models import Account, AddressCandidate, AddressVersion
from records.row_locks import locked
from records.workflow import ADDRESS_CANDIDATE, move

_FIELDS = ("street", "city", "state", "zip", "care_of")
_TURNS = {
    "N": "N", "S": "S", "E": "E", "W": "W", "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NE": "NE", "NW": "NW", "SE": "SE", "SW": "SW", "NORTHEAST": "NE", "NORTHWEST": "NW",
    "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip
_KIND_WORDS = (
    "ST STREET", "AVE AVENUE AV", "DR DRIVE", "RD ROAD", "LN LANE", "CT COURT", "BLVD BOULEVARD",
    "WAY", "PL PLACE", "CIR CIRCLE", "TER TERRACE", "PKWY PARKWAY", "HWY HIGHWAY", "TRL TRAIL",
)  # fmt: skip
_KINDS = {word: line.split()[0] for line in _KIND_WORDS for word in line.split()}
_GENERATIONS = frozenset({"JR", "SR", "II", "III", "IV"})
_SHORTEST_NAME = 2
_MISREAD_FROM = 5


def propose(
    session: Session,
    account: Account,
    new: NewAddress,
    *,
    source: str,
    actor: str,
    name: str = "",
    task_id: str | None = None,
) -> AddressCandidate:
    """Keep a proposed address; the one there is already, when the same was proposed before.

    One that was dismissed stays dismissed as long as the account's address has not changed since.
    """
    fingerprint = _fingerprint(account.id, new)
    known = session.scalars(
        select(AddressCandidate)
        .where(
            AddressCandidate.account_id == account.id,
            AddressCandidate.address_hmac == fingerprint,
            AddressCandidate.state != "confirmed",
        )
        .order_by(AddressCandidate.created_at.desc())
    ).all()
    current = account.address
    for each in known:
        settled = each.decided_at is not None and (
            current is None or each.decided_at >= current.created_at
        )
        if each.state == "open" or settled:
            return each
    made = AddressCandidate(
        account_id=account.id,
        task_id=task_id,
        source=source,
        sealed={**{field: getattr(new, field) for field in _FIELDS}, "name": name},
        address_hmac=fingerprint,
        names_agree=bool(name) and names_agree(account, name),
        evidence_document_id=new.evidence_document_id,
        evidence_page=new.evidence_page,
        evidence_box=None if new.evidence_box is None else list(new.evidence_box),
        confidence=new.confidence,
        proposed_by=actor,
    )
    session.add(made)
    session.flush()
    _audit(session, made, actor, "address.proposed", source=source)
    return made


def confirm(
    session: Session,
    candidate_id: str,
    actor: str,
    *,
    source: str = "",
    written: NewAddress | None = None,
    at: datetime | None = None,
) -> AddressVersion:
    """Put a proposed address into force, by a person or a verifier (``actor``).

    ``written`` is the same address as the verifier writes it. Raises Conflict
    ``confidential_address`` or ``transition_refused``, NotFound ``unknown_candidate``.
    """
    candidate = _locked(session, candidate_id)
    address = replace(
        written or address_of(candidate),
        evidence_document_id=candidate.evidence_document_id,
        evidence_page=candidate.evidence_page,
        evidence_box=None if candidate.evidence_box is None else _box(candidate.evidence_box),
        confidence=candidate.confidence,
        verified_at=at or clock.now(),
        verified_by=actor,
    )
    version = address_versions.add(
        session, candidate.account_id, address, source=source or candidate.source, actor=actor
    )
    _decide(session, candidate, "confirmed", actor)
    candidate.version_id = version.id
    return version


def close_same(session: Session, version: AddressVersion, actor: str) -> None:
    """A person typed what was proposed: those proposals are confirmed, by that person."""
    typed = (version.street, version.city, version.state, version.zip)
    for each in open_candidates(session, account_id=version.account_id):
        found = address_of(each)
        same = same_place(typed, (found.street, found.city, found.state, found.zip))
        if same and names.plain(found.care_of) == names.plain(version.care_of):
            candidate = _locked(session, each.id)
            _decide(session, candidate, "confirmed", actor)
            candidate.version_id = version.id


def dismiss(session: Session, candidate_id: str, actor: str) -> AddressCandidate:
    """Say that a proposed address is not the account's."""
    candidate = _locked(session, candidate_id)
    _decide(session, candidate, "dismissed", actor)
    return candidate


def open_candidates(
    session: Session, *, account_id: str | None = None, offices: Sequence[str] | None = None
) -> list[AddressCandidate]:
    """The undecided ones, oldest first: of an account, of offices (None: all)."""
    query = (
        select(AddressCandidate)
        .join(Account)
        .where(AddressCandidate.state == "open")
        .order_by(AddressCandidate.created_at, AddressCandidate.id)
    )
    if account_id is not None:
        query = query.where(AddressCandidate.account_id == account_id)
    if offices is not None:
        query = query.where(Account.office_id.in_(offices))
    return list(session.scalars(query))


def address_of(candidate: AddressCandidate) -> NewAddress:
    """The proposed address itself."""
    street, city, state, code, care_of = (str(candidate.sealed.get(name) or "") for name in _FIELDS)
    return NewAddress(street, city, state, code, care_of)


def names_agree(account: Account, name: str) -> bool:
    """Whether a name line names the account's guarantor or patient: last name and first name.

    A last name misread by one letter is allowed for, and a nickname. A last name alone is not
    enough, nor an initial, nor a first name but for a letter (MARTIN, MARVIN), nor a generation
    that the account does not have (JR, SR, III): a household's members move apart.
    """
    held = f"{account.guarantor_first} {account.guarantor_last}"
    held += f" {account.patient_first} {account.patient_last}"
    if _generations(name) - _generations(held):
        return False
    known = [
        (names.plain(first), names.plain(last))
        for first, last in (
            (account.guarantor_first, account.guarantor_last),
            (account.patient_first, account.patient_last),
        )
    ]
    return any(
        _alike(person.last, last) and _first_agrees(person.first, first)
        for person in names.people(name)
        for first, last in known
    )


def same_place(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> bool:
    """Whether (street, city, state, zip) mean one place, however they are written.

    Elm Street is not Elm Avenue, nor North Main Street South Main Street, or Main Street; where
    one says no kind of street, the other's is taken for it.
    """
    kinds = {kind for kind in (_kind(one[0]), _kind(other[0])) if kind}
    return _place_key(one) == _place_key(other) and len(kinds) <= 1


def _kind(street: str) -> str:
    words = [_KINDS[word] for word in re.findall(r"[A-Z]+", names.plain(street)) if word in _KINDS]
    return words[-1] if words else ""


def _place_key(address: tuple[str, str, str, str]) -> tuple[Any, ...]:
    street, _, state, code = address
    where = place(f"{street}, {code[:5]}")
    words = re.findall(r"[A-Z0-9]+", re.sub(r"\bP\W*O\b", "", names.plain(street)))
    marks = sorted(
        word for word in words
        if any(c.isdigit() for c in word) or (len(word) == 1 and word not in _TURNS)
    )  # fmt: skip
    turns = sorted(_TURNS[word] for word in words if word in _TURNS)
    return where.street, where.house, tuple(marks), tuple(turns), state.upper(), code[:5]


def _first_agrees(said: str, first: str) -> bool:
    if len(said) < _SHORTEST_NAME:
        return False
    return said == first or names.same_by_nickname(said, first)


def _alike(one: str, other: str) -> bool:
    """The same word, but for one letter misread in words of five letters and more."""
    if one == other:
        return bool(one)
    return min(len(one), len(other)) >= _MISREAD_FROM and OSA.distance(one, other) == 1


def _generations(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Z]+", names.plain(text))) & _GENERATIONS


def _fingerprint(account_id: str, new: NewAddress) -> str:
    line = " ".join(names.plain(f"{new.care_of} {new.street} {new.city} {new.state}").split())
    return crypto.keyring().fingerprint("address", f"{account_id}|{line}|{new.zip[:5]}")


def _locked(session: Session, candidate_id: str) -> AddressCandidate:
    found = locked(session, AddressCandidate, candidate_id)
    if found is None:
        raise NotFound("unknown_candidate", "There is no such address.", "Reload the page.")
    return found


def _decide(session: Session, candidate: AddressCandidate, state: str, actor: str) -> None:
    if candidate.state != "open":
        raise Conflict("transition_refused", f"This address is {candidate.state} already.",
                       "Reload the page.")  # fmt: skip
    move(candidate, ADDRESS_CANDIDATE, state)
    candidate.decided_by, candidate.decided_at = actor, clock.now()
    session.flush()
    _audit(session, candidate, actor, f"address.{state}", source=candidate.source)


def _box(said: Sequence[Any]) -> tuple[int, int, int, int]:
    x, y, width, height = (int(each) for each in said)
    return x, y, width, height


def _audit(
    session: Session, candidate: AddressCandidate, actor: str, action: str, **detail: str
) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="account",
                 subject_id=candidate.account_id,
                 detail={"candidate": candidate.id, **detail})  # fmt: skip
