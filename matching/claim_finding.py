"""Claims of the chart that a remitted claim may be: by its numbers, its member, and its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from matching.claim_compare import ClaimRanking, rank
from matching.claim_facts import RemittedClaim, SentClaim, ServiceFacts
from matching.claim_importing import surname_begin
from matching.index import neighbours
from matching.names import people
from matching.types import Part
from records.models import Account, ChartClaim, ChartClaimLine

_MOST = 60
"""So many claims found one way are compared; more share what was looked for, and it says little."""
_MOST_UNNAMED = 12
"""Without the patient's name a day and a charge must be rare to say anything."""


def of_parts(session: Session, parts: Sequence[Part]) -> tuple[ClaimRanking | None, ...]:
    """The claims each part may be, in the order of the parts; None for what is no claim, or where
    the practice's claims are not here."""
    if not any(part.claim for part in parts) or not (count := counted(session)):
        return (None,) * len(parts)
    return tuple(None if part.claim is None else find(session, part.claim, count) for part in parts)


def counted(session: Session) -> int:
    """How many claims the chart has."""
    return session.scalar(select(func.count()).select_from(ChartClaim)) or 0


def find(session: Session, said: RemittedClaim, count: int) -> ClaimRanking:
    """The claims it may be, ranked among ``count``, best first."""
    return rank(said, candidates(session, said), count)


def candidates(session: Session, said: RemittedClaim) -> tuple[SentClaim, ...]:
    """The claims any of its numbers, its member id or its lines speaks for, by number."""
    found: set[str] = set()
    for where in _ways(said):
        found |= _those(session, where, _MOST)
    if not found and not said.exact:
        near = [other for number in _numbers(said) for other in neighbours(number)]
        if near:
            found |= _those(session, ChartClaim.number.in_(near), _MOST)
    found |= _by_lines(session, said)
    if not found:
        return ()
    rows = session.execute(
        select(ChartClaim, Account.number, Account.patient_first, Account.patient_last)
        .join(Account, Account.id == ChartClaim.account_id)
        .where(ChartClaim.id.in_(found))
        .options(selectinload(ChartClaim.lines))
        .order_by(ChartClaim.number)
    )
    return tuple(_as_sent(claim, number, first, last) for claim, number, first, last in rows)


def _numbers(said: RemittedClaim) -> list[str]:
    return [number for number in dict.fromkeys((said.patient_account, said.claim_number)) if number]


def _ways(said: RemittedClaim) -> Iterable[ColumnElement[bool]]:
    numbers = _numbers(said)
    if numbers:
        yield or_(ChartClaim.number.in_(numbers), ChartClaim.payer_number.in_(numbers))
    if said.patient_account:
        account = select(Account.id).where(Account.number == said.patient_account)
        yield ChartClaim.account_id.in_(account)
    if said.member_id:
        yield ChartClaim.member_id == said.member_id


def _those(session: Session, where: ColumnElement[bool], most: int) -> set[str]:
    """Ids of the claims; none where more than ``most`` fulfil it."""
    ids = set(session.scalars(select(ChartClaim.id).where(where).limit(most + 1)))
    return ids if len(ids) <= most else set()


def _by_lines(session: Session, said: RemittedClaim) -> set[str]:
    """Claims with a line of the same day and charge, and two letters of the patient's surname."""
    begins = sorted(
        {
            surname_begin(name)
            for person in people(said.patient_name)
            for name in (person.last, person.first)
        }
        - {""}
    )
    found: set[str] = set()
    for line in said.lines[:8]:
        if line.service_on is None or line.charged_cents is None:
            continue
        query = select(ChartClaimLine.claim_id).where(
            ChartClaimLine.service_on == line.service_on,
            ChartClaimLine.charged_cents == line.charged_cents,
        )
        named = query.where(ChartClaimLine.surname_begin.in_(begins)) if begins else query
        for asked, most in ((named, _MOST if begins else _MOST_UNNAMED), (query, _MOST_UNNAMED)):
            ids = set(session.scalars(asked.distinct().limit(most + 1)))
            if ids and len(ids) <= most:
                found |= ids
                break
    return found


def _as_sent(claim: ChartClaim, account: str, first: str, last: str) -> SentClaim:
    return SentClaim(
        number=claim.number,
        payer_number=claim.payer_number,
        account_number=account,
        member_id=claim.member_id,
        patient_first=first,
        patient_last=last,
        charged_cents=claim.charged_cents,
        lines=tuple(
            ServiceFacts(
                line.service_on, line.procedure, line.charged_cents,
                tuple(line.modifiers.split(":")) if line.modifiers else (), line.units,
            )
            for line in claim.lines
        ),
    )  # fmt: skip
