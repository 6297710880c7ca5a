"""What a remittance that came late says otherwise than what was decided of its payment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remittance_shares, takebacks
from matching.readings import Document
from matching.undoing import is_out, live_allocations
from records.models import Account, Payment, Remittance, RemittanceShare
from records.models import Document as DocumentRow
from records.money import Money

OUT_OF_SIGHT: Final = "an account of another office"


@dataclass(frozen=True, slots=True)
class Change:
    """An account, what of the payment is on it now, and what its remittances say; in cents.

    ``account`` is empty for what has no account, on the one side or the other, and ``OUT_OF_SIGHT``
    for one of an office that the person does not see.
    """

    account: str
    now_cents: int
    said_cents: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A payment beside its remittances. ``parts`` are its live parts, ``claims`` those paid.

    ``is_unclear``: a remittance of several payments makes other sums than these now.
    """

    is_out: bool
    parts: int
    claims: int
    changes: tuple[Change, ...]
    is_unclear: bool = False

    @property
    def is_lump(self) -> bool:
        """Whether one sum was decided of what several claims explain."""
        return self.parts == 1 and self.claims > 1

    @property
    def words(self) -> str:
        """What it changes, in one or two sentences without names."""
        if not self.parts:
            return "Nothing is decided now: its question in review shows what the EOB says."
        where = "It is posted" if self.is_out else "It is decided, and not posted"
        how = f" as one sum of what the EOB divides among {self.claims} claims" * self.is_lump
        if self.is_unclear:
            return (
                f"{where}. The EOB's claims make other sums than its payments now: "
                "which of them are this one's is not known."
            )
        if not self.claims:
            return f"{where}{how}. The EOB names no claim that is paid."
        if not self.changes:
            return f"{where}{how}. The EOB says the same of every account."
        told = "; ".join(
            f"{each.account or 'no account'} has {Money(each.now_cents)}, "
            f"the EOB says {Money(each.said_cents)}"
            for each in self.changes
        )
        return f"{where}{how}. {told}.{self._sums}"

    @property
    def _sums(self) -> str:
        cents = sum(each.said_cents - each.now_cents for each in self.changes)
        if not cents:
            return ""
        side = "more" if cents > 0 else "less"
        return f" The EOB comes to {Money(abs(cents))} {side} than was paid."


def compared(
    session: Session, payment: Payment, offices: Collection[str] | None = None
) -> Compared:
    """The payment's live parts beside what its remittances say now.

    ``offices`` are the ids of those in sight, None for all: an account of another is not named.
    """
    found = _compared(session, [payment], takebacks.values_of(session, payment.id), offices)
    return replace(found, is_unclear=_is_unclear(session, payment))


def compared_together(
    session: Session,
    document: DocumentRow,
    payments: Sequence[Payment],
    offices: Collection[str] | None = None,
) -> Compared:
    """All live parts of several payments beside all that the one remittance of them says now."""
    return _compared(session, payments, takebacks.as_values([document]), offices)


def are_unclear(session: Session, document: DocumentRow) -> bool:
    """Whether the claims of a remittance of several payments make other sums than they now."""
    (value,) = takebacks.as_values([document])
    return any(not remittance_shares.makes_up(value, each) for each in _shares(session, document))


def _compared(
    session: Session,
    payments: Sequence[Payment],
    documents: Sequence[Document],
    offices: Collection[str] | None,
) -> Compared:
    now, count = Counter[str](), 0
    for payment in payments:
        parts = live_allocations(session, payment.id)
        count += len(parts)
        for part in parts:
            now[part.account.number if part.account else ""] += part.amount_cents
        now[""] += 0 if parts else payment.amount_cents or 0
    said, claims = _said(documents)
    told = changes(now, said)
    if offices is not None:
        told = _in_sight(session, told, offices)
    out = any(is_out(session, each.id) for each in payments)
    return Compared(out, count, claims, told)


def _is_unclear(session: Session, payment: Payment) -> bool:
    values = takebacks.as_values(takebacks.remittances_of(session, payment.id))
    shares = remittance_shares.of_payments(session, [payment.id])
    mine = ((each, shares.get(each.id, {}).get(payment.id)) for each in values)
    return any(share and not remittance_shares.makes_up(each, share) for each, share in mine)


def _shares(session: Session, document: DocumentRow) -> list[RemittanceShare]:
    query = select(Remittance.id).where(Remittance.document_id == document.id)
    found = remittance_shares.live_of(session, session.scalars(query).all())
    return [each for shares in found.values() for each in shares]


def _in_sight(
    session: Session, told: Sequence[Change], offices: Collection[str]
) -> tuple[Change, ...]:
    """The same, with what is of another office told without the account's number."""
    named = {text for each in told for text in (each.account, _plain(each.account))}
    hidden = session.scalars(
        select(Account.number).where(
            Account.number.in_(named), Account.office_id.not_in(list(offices))
        )
    )
    plain = {_plain(number) for number in hidden}
    return tuple(
        replace(each, account=OUT_OF_SIGHT) if _plain(each.account) in plain else each
        for each in told
    )


def told(
    session: Session, document: DocumentRow, body: Mapping[str, Any], payments: Iterable[str]
) -> dict[str, Counter[str]]:
    """What a reading of a remittance says of each account's cents, by the id of its payment."""
    value = Document(document.id, document.position, document.kind, body)
    shares = {each.payment_id: each for each in _shares(session, document)}
    return {
        key: _by_plain(_said([remittance_shares.cut(value, shares.get(key))])[0])
        for key in payments
    }


def changes(now: Mapping[str, int], said: Mapping[str, int]) -> tuple[Change, ...]:
    """Where the two differ, by account; an account number is read without blanks and case."""
    plain = {_plain(key): key for key in [*said, *now]}
    mine = _by_plain(now)
    theirs = _by_plain(said)
    return tuple(
        Change(plain[key], mine[key], theirs[key])
        for key in sorted({*mine, *theirs})
        if mine[key] != theirs[key]
    )


def _said(documents: Sequence[Document]) -> tuple[Counter[str], int]:
    said, count = Counter[str](), 0
    for document in documents:
        for claim in document.value("claims") or ():
            cents = claim.get("paid_cents")
            if type(cents) is int and cents:
                said[str(claim.get("patient_account") or "")] += cents
                count += 1
        for taken in document.value("provider_adjustments") or ():
            cents = taken.get("amount_cents")
            said[""] -= cents if type(cents) is int else 0
    return said, count


def _by_plain(cents: Mapping[str, int]) -> Counter[str]:
    found = Counter[str]()
    for key, each in cents.items():
        found[_plain(key)] += each
    return found


def _plain(account: str) -> str:
    return "".join(account.upper().split())
