"""What a remittance that came late says otherwise than what was decided of its payment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import takebacks
from matching.readings import Document
from matching.undoing import is_out, live_allocations
from records.models import Account, Payment
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
    """A payment beside its remittances. ``parts`` are its live parts, ``claims`` those paid."""

    is_out: bool
    parts: int
    claims: int
    changes: tuple[Change, ...]

    @property
    def is_lump(self) -> bool:
        """Whether one sum was decided of what several claims explain."""
        return self.parts == 1 and self.claims > 1

    @property
    def words(self) -> str:
        """What it changes, in one or two sentences without names."""
        if not self.parts:
            return "Nothing is decided yet: it is matched by what the EOB says."
        where = "It is posted" if self.is_out else "It is decided, and not posted"
        how = f" as one sum of what the EOB divides among {self.claims} claims" * self.is_lump
        if not self.claims:
            return f"{where}{how}. The EOB names no claim that is paid."
        if not self.changes:
            return f"{where}{how}. The EOB says the same of every account."
        told = "; ".join(
            f"{each.account or 'no account'} has {Money(each.now_cents)}, "
            f"the EOB says {Money(each.said_cents)}"
            for each in self.changes
        )
        return f"{where}{how}. {told}."


def compared(
    session: Session, payment: Payment, offices: Collection[str] | None = None
) -> Compared:
    """The payment's live parts beside what its remittances say now.

    ``offices`` are the ids of those in sight, None for all: an account of another is not named.
    """
    parts = live_allocations(session, payment.id)
    now = Counter[str]()
    for part in parts:
        now[part.account.number if part.account else ""] += part.amount_cents
    said, claims = _said(takebacks.values_of(session, payment.id))
    told = changes(now, said)
    if offices is not None:
        told = _in_sight(session, told, offices)
    return Compared(is_out(session, payment.id), len(parts), claims, told)


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


def read_otherwise(document: DocumentRow) -> bool:
    """Whether the newest reading gives an account another sum than the one before it did."""
    newest = sorted(document.readings, key=lambda row: row.version)[-2:]
    said = [
        _by_plain(_said([Document(document.id, document.position, document.kind, row.sealed)])[0])
        for row in newest
    ]
    return len(said) == 2 and bool(changes(said[0], said[1]))


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
