"""Looking through the whole chart for patients kept twice and households kept apart.

Accounts that have a telling pair of facts in common are held against each other; what looks alike
is kept as a flag. Nothing is merged, and what a person has answered stands.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from matching import homes, lookalikes, stored
from matching.lookalikes import HOUSEHOLD, PATIENT, Known
from matching.postings import Ints, chunks
from matching.types import AccountFacts, Reason
from records import audit
from records.models import Account, AddressVersion, Office
from records.models.flags import AccountFlag
from records.workflow import ACCOUNT_FLAG, move

MOST_ALIKE = 12
"""What more accounts than this have in common tells no two of them: it is passed over."""
_PAGE = 5_000
_Pair = tuple[int, int]
_Found = dict[tuple[str, str, str], "_Alike"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a look through the chart found; ``new`` flags, and ``gone`` ones that are so no more."""

    accounts: int
    patients: int
    households: int
    new: int
    gone: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Alike:
    """Two accounts that look alike, by row id and in order of number."""

    account_id: str
    other_id: str
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> float:
        return lookalikes.total(self.reasons)


@dataclass(slots=True)
class _Sieve:
    """Hashed keys of accounts, each with the account's place in the order they were read."""

    keys: array[int]
    places: array[int]

    def add(self, keys: Iterable[tuple[str, ...]], place: int) -> None:
        for key in keys:
            # The hash of a text differs from run to run, which matters to nobody here.
            self.keys.append(hash(key))
            self.places.append(place)

    def pairs(self, apart: Ints | None = None) -> set[_Pair]:
        """Places of accounts with a key in common; with ``apart``, only of unlike value there."""
        keys = np.frombuffer(self.keys, dtype=np.int64) if self.keys else np.empty(0, np.int64)
        places = np.frombuffer(self.places, dtype=np.int64) if self.places else keys
        order = np.argsort(keys, kind="stable")
        keys, places = keys[order], places[order]
        begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else keys
        ends = np.r_[begins[1:], len(keys)]
        several = (ends - begins > 1) & (ends - begins <= MOST_ALIKE)
        found: set[_Pair] = set()
        for begin, end in zip(begins[several].tolist(), ends[several].tolist(), strict=True):
            some = sorted(set(places[begin:end].tolist()))
            found |= {
                (one, other)
                for at, one in enumerate(some)
                for other in some[at + 1 :]
                if apart is None or apart[one] != apart[other]
            }
        return found


def search(session: Session, actor: str) -> Report:
    """Look through all accounts and bring the flags up to date; goes on record.

    Memory is some hundred bytes an account. What a person answered is left as it is.
    """
    begun = time.monotonic()
    idents, patients, households, labels = _sifted(session)
    found: _Found = {}
    for kind, pairs in (
        (PATIENT, patients.pairs()),
        (HOUSEHOLD, households.pairs(np.frombuffer(labels, dtype=np.int64) if labels else None)),
    ):
        _hold_together(session, kind, sorted(pairs), idents, found)
    new, gone = _save(session, found)
    kinds = [kind for kind, _, _ in found]
    report = Report(
        len(idents), kinds.count(PATIENT), kinds.count(HOUSEHOLD), new, gone,
        round(time.monotonic() - begun, 2),
    )  # fmt: skip
    detail = {key: value for key, value in asdict(report).items() if key != "seconds"}
    audit.record(session, actor=actor, action="duplicates.searched", subject_kind="account_flags",
                 subject_id="all", detail=detail)  # fmt: skip
    return report


def size(session: Session) -> int:
    """How many accounts there are to look through."""
    return session.scalar(select(func.count()).select_from(Account)) or 0


def _sifted(session: Session) -> tuple[list[str], _Sieve, _Sieve, array[int]]:
    """Row ids of all accounts in the order read, their keys, and hashes of their households."""
    idents: list[str] = []
    patients = _Sieve(array("q"), array("q"))
    households = _Sieve(array("q"), array("q"))
    labels = array("q")
    for ident, known in _everybody(session):
        place = len(idents)
        idents.append(ident)
        labels.append(hash(homes.label_of(known.facts.number, known.facts.household)))
        patients.add(lookalikes.patient_keys(known), place)
        households.add(lookalikes.household_keys(known), place)
    return idents, patients, households, labels


def _everybody(session: Session) -> Iterator[tuple[str, Known]]:
    """Every account with its address in force, in order of number."""
    later = aliased(AddressVersion)
    newest = select(func.max(later.version)).where(later.account_id == Account.id)
    query = (
        select(
            Account.id, Account.number, Office.code, Account.patient_first, Account.patient_last,
            Account.guarantor_first, Account.guarantor_last, AddressVersion.street,
            AddressVersion.city, AddressVersion.state, AddressVersion.zip, Account.member_id,
            Account.household, Account.patient_birth_on,
        )
        .join(Office, Office.id == Account.office_id)
        .outerjoin(
            AddressVersion,
            and_(
                AddressVersion.account_id == Account.id,
                AddressVersion.version == newest.correlate(Account).scalar_subquery(),
            ),
        )
        .order_by(Account.number)
    )  # fmt: skip
    rows: Iterable[Sequence[Any]] = session.execute(query, execution_options={"yield_per": _PAGE})
    for row in rows:
        address = (value or "" for value in row[7:11])
        yield row[0], Known(AccountFacts(*row[1:7], *address, *row[11:13]), row[13])


def _hold_together(
    session: Session, kind: str, pairs: Sequence[_Pair], idents: Sequence[str], found: _Found
) -> None:
    """Compare the accounts of each pair; of two homes the pair that says most stands for them."""
    compare = lookalikes.as_patient if kind == PATIENT else lookalikes.as_household
    for some in chunks(pairs):
        wanted = sorted({idents[place] for pair in some for place in pair})
        known = _of(session, wanted)
        for one, other in some:
            mine, theirs = known[idents[one]], known[idents[other]]
            reasons = compare(mine, theirs)
            if not reasons:
                continue
            alike = _Alike(idents[one], idents[other], reasons)
            key = (kind, *_names(kind, mine, theirs))
            held = found.get(key)
            if held is None or alike.score > held.score:
                found[key] = alike


def _names(kind: str, one: Known, other: Known) -> tuple[str, str]:
    if kind == PATIENT:
        return one.facts.number, other.facts.number
    labels = [homes.label_of(each.facts.number, each.facts.household) for each in (one, other)]
    first, second = sorted(labels)
    return first, second


def _of(session: Session, idents: Sequence[str]) -> dict[str, Known]:
    facts: dict[str, AccountFacts] = {}
    born: dict[str, date | None] = {}
    for some in chunks(idents):
        facts |= homes.facts_of(session, Account.id.in_(some))
        rows = session.execute(
            select(Account.id, Account.patient_birth_on).where(Account.id.in_(some))
        )
        born |= {row[0]: row[1] for row in rows}
    return {ident: Known(each, born[ident]) for ident, each in facts.items()}


def _save(session: Session, found: _Found) -> tuple[int, int]:
    """Write what is new, follow what has changed, and let go what is so no more: how many."""
    rows = session.scalars(select(AccountFlag).with_for_update())
    held = {(row.kind, row.one, row.other): row for row in rows}
    new = gone = 0
    for key, alike in found.items():
        flag = held.get(key)
        if flag is None:
            kind, one, other = key
            session.add(
                AccountFlag(
                    kind=kind, one=one, other=other, account_id=alike.account_id,
                    other_account_id=alike.other_id, score=alike.score,
                    reasons=stored.reasons_json(alike.reasons),
                )
            )  # fmt: skip
            new += 1
        elif flag.state in {"open", "gone"}:
            if flag.state == "gone":
                move(flag, ACCOUNT_FLAG, "open")
            flag.score = alike.score
            flag.reasons = stored.reasons_json(alike.reasons)
    for key in held.keys() - found.keys():
        if held[key].state == "open":
            move(held[key], ACCOUNT_FLAG, "gone")
            gone += 1
    session.flush()
    return new, gone
