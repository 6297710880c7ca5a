"""Bank lines that settle nothing for certain, each with what it may be: a person's work list."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import reconcile
from deposits.combining import combine
from deposits.electronic_sums import combine_electronic
from deposits.pairing import Expected
from deposits.suggesting import REJECTED_CREDIT, Known, Suggestion, suggest
from records.models import BankLine, DepositItem, Payment, ReturnedItem, Settlement

_REMEMBERED = 200
_EXPLANATIONS = 3
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class BankException:
    """An open line with its suggestions, the likeliest first."""

    line_id: str
    bank_account_code: str
    value_on: date
    amount_cents: int
    direction: str
    kind: str
    suggestions: tuple[Suggestion, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, without the bank's words, which may hold names."""
        return {
            "line": self.line_id,
            "bank_account_code": self.bank_account_code,
            "value_on": self.value_on.isoformat(),
            "amount_cents": self.amount_cents,
            "direction": self.direction,
            "kind": self.kind,
            "suggestions": [each.to_json() for each in self.suggestions],
        }


def bank_exceptions(
    session: Session,
    accounts: Collection[str] | None = None,
    limit: int = 200,
    *,
    offices: Collection[str] | None = None,
) -> list[BankException]:
    """Open lines of these bank accounts (ids; None: all), the oldest first.

    ``offices`` (ids; None: all): what would settle a line with another office's payment is left
    out. Offices may share a bank account, and so its lines, but not their payments.
    """
    query = (
        select(BankLine)
        .where(BankLine.state == "unmatched")
        .order_by(BankLine.value_on, BankLine.id)
    )
    if accounts is not None:
        query = query.where(BankLine.bank_account_id.in_(list(accounts)))
    lines = session.scalars(query).all()
    if not lines:
        return []
    known = _known(session, lines)
    told = [
        tuple(suggest(reconcile.movement(line), line.direction, known)) for line in lines[:limit]
    ]
    if offices is not None:
        told = _in_sight(session, told, offices)
    return [
        BankException(
            line.id,
            line.bank_account.code,
            line.value_on,
            line.amount_cents,
            line.direction,
            line.kind,
            suggestions,
        )
        for line, suggestions in zip(lines, told, strict=False)
    ]


def _in_sight(
    session: Session, told: Sequence[tuple[Suggestion, ...]], offices: Collection[str]
) -> list[tuple[Suggestion, ...]]:
    """Without what names a payment, or a returned check, of an office out of sight."""
    of_payments = ("electronic", "returned", "notice")
    refs = {ref for row in told for each in row if each.action in of_payments for ref in each.refs}
    own = Payment.office_id.in_(list(offices))
    seen = {
        *session.scalars(select(Payment.ref).where(own, Payment.ref.in_(refs))),
        *session.scalars(select(ReturnedItem.ref).join(Payment).where(
            own, ReturnedItem.ref.in_(refs))),
    }  # fmt: skip
    return [
        tuple(each for each in row if each.action not in of_payments or seen.issuperset(each.refs))
        for row in told
    ]


def _known(session: Session, lines: Iterable[BankLine]) -> Known:
    credits_ = [reconcile.movement(line) for line in lines if line.direction == "credit"]
    debits = [line for line in lines if line.direction == "debit"]
    amounts = {line.amount_cents for line in debits}
    deposits = reconcile.expected_deposits(session)
    electronic = reconcile.expected_electronic(session)
    checks = reconcile.expected_returns(session, amounts, _numbers(debits)) if debits else []
    notices = reconcile.expected_notices(session, amounts) if debits else []
    returned = reconcile.unsettled_returns(session) if debits else []
    sums = reconcile.return_sums(session, [reconcile.movement(line) for line in debits])
    return Known(
        deposits,
        reconcile.rejected_deposits(session) if credits_ else [],
        electronic,
        checks,
        notices,
        [*combine(credits_, deposits), *sums],
        combine_electronic(credits_, electronic),
        {
            **{each.id: each.marks[0] for each in deposits},
            **_payment_refs(session, [*electronic, *checks]),
            **{each.id: each.marks[0] for each in returned},
            **_notice_refs(session, notices),
        },
        _items(session, [each.id for each in deposits]),
        _explained(session),
    )


def _numbers(debits: Iterable[BankLine]) -> set[str]:
    """What may be a check number in the words of returned items, with and without zeros."""
    words = " ".join(
        reconcile.movement(line).words for line in debits if line.kind == "returned_item"
    )
    found = {token for token in re.findall(r"\d+", words) if len(token.lstrip("0")) >= 3}
    return found | {token.lstrip("0") for token in found}


def _payment_refs(session: Session, things: Collection[Expected]) -> dict[str, str]:
    ids = [each.id for each in things]
    found: dict[str, str] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = session.execute(
            select(Payment.id, Payment.ref).where(Payment.id.in_(ids[start : start + _CHUNK]))
        )
        found.update({row.id: row.ref for row in rows})
    return found


def _notice_refs(session: Session, things: Collection[Expected]) -> dict[str, str]:
    rows = session.execute(
        select(ReturnedItem.id, ReturnedItem.ref).where(
            ReturnedItem.id.in_([each.id for each in things])
        )
    )
    return {row.id: row.ref for row in rows}


def _items(session: Session, deposit_ids: list[str]) -> dict[str, dict[int, str]]:
    """By deposit: the reference of a check of each amount, where just one check has it."""
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(deposit_ids), _CHUNK):
        rows = session.execute(
            select(DepositItem.deposit_id, DepositItem.amount_cents, Payment.ref)
            .join(Payment, Payment.id == DepositItem.payment_id)
            .where(DepositItem.deposit_id.in_(deposit_ids[start : start + _CHUNK]))
        )
        for deposit_id, cents, ref in rows:
            found[deposit_id][cents].append(ref)
    return {
        deposit: {cents: refs[0] for cents, refs in amounts.items() if len(refs) == 1}
        for deposit, amounts in found.items()
    }


def _explained(session: Session) -> dict[tuple[str, str], list[str]]:
    rows = session.execute(
        select(BankLine.kind, BankLine.direction, Settlement.explanation)
        .join(Settlement, Settlement.bank_line_id == BankLine.id)
        .where(Settlement.explanation != "")
        .order_by(Settlement.created_at.desc())
        .limit(_REMEMBERED)
    )
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, direction, text in rows:
        known = found[kind, direction]
        if text.startswith(REJECTED_CREDIT):  # of that deposit alone
            continue
        if text not in known and len(known) < _EXPLANATIONS:
            known.append(text)
    return found
