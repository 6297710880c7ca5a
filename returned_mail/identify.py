"""Whose envelope came back: candidate accounts ranked, each with the reasons that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from records.models import Account, AddressVersion, Statement

SURE = 0.9
"""Score from which an account is taken without asking, if no rival is near: name and address
agree almost to the letter, or our barcode and the name; no number is ever enough alone."""
_RIVAL_GAP = 0.15


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the piece itself says."""

    name: str
    address: str
    zip5: str
    imb_digits: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of an account that may be meant."""

    account_id: str
    account_number: str
    names: tuple[str, ...]
    address: str
    address_version_id: str
    imb_hit: bool
    number_hit: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that may be meant; ``score`` is the sum of its reasons' weights."""

    account_id: str
    account_number: str
    address_version_id: str
    score: float
    reasons: tuple[tuple[str, float], ...]

    def to_json(self) -> dict[str, Any]:
        """For the task's evidence."""
        return {
            "account_id": self.account_id,
            "account_number": self.account_number,
            "address_version_id": self.address_version_id,
            "score": self.score,
            "reasons": [{"signal": name, "weight": weight} for name, weight in self.reasons],
        }


def load_known(session: Session, evidence: Evidence, offices: Sequence[str]) -> list[Known]:
    """Accounts of these offices that share a barcode, a number or a ZIP code with the piece."""
    by_statement = set[str]()
    by_number = set[str]()
    if evidence.imb_digits:
        by_statement = set(
            session.scalars(
                select(Statement.account_id).where(Statement.imb == evidence.imb_digits)
            )
        )
    if evidence.numbers:
        by_number = set(
            session.scalars(select(Account.id).where(Account.number.in_(evidence.numbers)))
        )
        by_number |= set(
            session.scalars(
                select(Statement.account_id).where(Statement.number.in_(evidence.numbers))
            )
        )
    wanted = [AddressVersion.account_id.in_(by_statement | by_number)]
    if evidence.zip5:
        wanted.append(AddressVersion.zip.like(f"{evidence.zip5}%"))
    rows = session.execute(
        select(Account, AddressVersion)
        .join(AddressVersion)
        .where(or_(*wanted), Account.office_id.in_(offices))
        .order_by(Account.number, AddressVersion.version)
    ).all()
    newest = {account.id: (account, address) for account, address in rows}
    return [
        Known(
            account.id,
            account.number,
            tuple({account.guarantor_name, account.patient_name}),
            address.line,
            address.id,
            account.id in by_statement,
            account.id in by_number,
        )
        for account, address in newest.values()
    ]


def rank(evidence: Evidence, known: Sequence[Known]) -> list[Candidate]:
    """Candidates, best first; a barcode of ours weighs most, name and address together as much."""
    ranked = [_judge(evidence, each) for each in known]
    ranked = [each for each in ranked if each.score >= 0.3]
    return sorted(ranked, key=lambda each: (-each.score, each.account_number))[:10]


def choose(ranked: Sequence[Candidate]) -> Candidate | None:
    """The account to take without asking, or None: sure by itself and ahead of every rival."""
    if not ranked or ranked[0].score < SURE:
        return None
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < _RIVAL_GAP:
        return None
    return ranked[0]


def _judge(evidence: Evidence, known: Known) -> Candidate:
    reasons: list[tuple[str, float]] = []
    if known.imb_hit:
        reasons.append(("barcode is of a statement we mailed", 0.7))
    if known.number_hit:
        reasons.append(("account or statement number", 0.4))
    name = (
        max(
            (
                fuzz.token_sort_ratio(evidence.name.upper(), each.upper()) / 100
                for each in known.names
            ),
            default=0.0,
        )
        if evidence.name
        else 0.0
    )
    if name >= 0.8:
        reasons.append(("name", round(0.5 * name, 4)))
    address = (
        fuzz.token_sort_ratio(evidence.address.upper(), known.address.upper()) / 100
        if evidence.address
        else 0.0
    )
    if address >= 0.8:
        reasons.append(("address", round(0.45 * address, 4)))
    return Candidate(
        known.account_id,
        known.account_number,
        known.address_version_id,
        round(sum(weight for _, weight in reasons), 4),
        tuple(reasons),
    )
