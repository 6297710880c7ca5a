"""People join one remittance to several payments, or several remittances to one payment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from matching import remittance_partners, remittance_shares
from matching.fingerprints import lock
from matching.remittance_division import Division
from matching.remittance_people import (
    PERSON,
    end_word,
    explaining,
    found,
    payment_found,
    refuse_joining,
)
from records.errors import Conflict, WrongUse
from records.models import Payment, Remittance
from records.money import Money

_SUM: Final[dict[str, Any]] = {"signal": "sum", "level": "same", "weight": 6.0, "detail": ""}


def join_several(
    session: Session,
    refs: Sequence[str],
    payment_refs: Sequence[str],
    actor: str,
    offices: Collection[str] | None = None,
) -> list[Remittance]:
    """A person says that these belong together; several of one, and one of the other.

    ``offices`` are ids, None for all. Raises as ``remittance_people.join``; WrongUse
    ``several_to_several``, Conflict ``sums_differ``, and ``division_unclear`` where nobody can
    tell which claims are whose.
    """
    refs, payment_refs = list(dict.fromkeys(refs)), list(dict.fromkeys(payment_refs))
    if len(refs) > 1 and len(payment_refs) > 1:
        raise WrongUse("several_to_several", "Several cannot be joined to several.",
                       "Join one remittance, or one payment, at a time.")  # fmt: skip
    lock(session)
    rows = [found(session, each, offices) for each in sorted(refs)]
    by_ref = {each: payment_found(session, each, offices) for each in sorted(payment_refs)}
    payments = [by_ref[each] for each in payment_refs]
    for row in rows:
        for payment in payments:
            refuse_joining(session, row, payment)
    _require_sum(session, rows, payments)
    division = None if len(payments) == 1 else _division(rows[0], payments)
    for row in rows:
        if row.partner_state != "waiting":
            remittance_partners.part(session, row)
    if division is None:
        for row in rows:
            remittance_partners.join(session, row, payments[0], actor, [PERSON, _SUM])
    else:
        remittance_partners.join_several(session, rows[0], division, actor, [PERSON, _SUM])
    for payment in payments:
        end_word(session, payment, "remittance", actor)
        remittance_partners.payment_changed(session, payment)
    return rows


def _require_sum(session: Session, rows: Sequence[Remittance], payments: list[Payment]) -> None:
    ours = sum(each.amount_cents or 0 for each in payments)
    known = sum(cents or 0 for each in payments for _, cents in explaining(session, each))
    theirs = sum(each.explained_cents or 0 for each in rows)
    unread = [each.ref for each in rows if each.explained_cents is None]
    unread += [each.ref for each in payments if each.amount_cents is None]
    if unread or (known and len(payments) > 1) or theirs != ours - known:
        raise Conflict(
            "sums_differ",
            f"The claims make {Money(theirs)}, what is to be explained is {Money(ours - known)}."
            + (f" Unread: {', '.join(unread)}." if unread else ""),
            "Choose what agrees to the cent, or correct what was misread first.",
        )


def _division(row: Remittance, payments: Sequence[Payment]) -> tuple[Division, ...]:
    amounts = {each.id: each.amount_cents or 0 for each in payments}
    made = remittance_shares.likeliest(row.document, amounts)
    if made is not None:
        return made
    raise Conflict("division_unclear",
                   f"Which claims of {row.ref} are whose cannot be told from their sums.",
                   "Join it to the largest, say why, and place the rest by hand.")  # fmt: skip
