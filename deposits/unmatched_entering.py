"""Entering what a bank gives back: what finds its check at once or later, and keeping the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.return_letters import ReturnClaim
from deposits.returning import ReturnOutcome, came_back_on, enter_return
from deposits.unmatched_returns import LONGEST_NOTE, claim_of, end, record_step
from records import clock, crypto, ids
from records.errors import WrongUse
from records.models import BankAccount, BankFile, Office, Payment, ReturnedItem, UnmatchedReturn

_WAITS = ("not_found", "not_credited", "rejected_deposit")


def enter_file(
    session: Session,
    file: BankFile,
    claims: Sequence[ReturnClaim],
    actor: str,
    accounts: Collection[str] | None = None,
) -> list[ReturnOutcome]:
    """Enter what finds its check, and keep the rest, each once however often the file comes.

    ``accounts`` are ids of the bank accounts whose checks may be found (None: all). What was only
    announced (``preliminary``) is not kept: the item itself comes later.
    """
    outcomes = []
    times: Counter[str] = Counter()
    for claim in claims:
        identity = _identity(claim)
        mark = _fingerprint(identity, times[identity])
        times[identity] += 1
        kept = _by_mark(session, mark)
        if kept is not None and kept.outcome:
            ref = kept.returned_item.ref if kept.returned_item else ""
            outcomes.append(ReturnOutcome(claim.number, "known", claim.cents, claim.reason,
                                          returned_ref=ref))  # fmt: skip
            continue
        outcome = enter_return(session, claim, actor, accounts)
        if kept is not None:
            _found(session, kept, outcome, actor)
        elif outcome.status in _WAITS:
            account_id = _account_of(session, outcome) or _only(session, accounts)
            _keep(session, file, claim, mark, actor, account_id)
        outcomes.append(outcome)
    return outcomes


def enter_waiting(session: Session, actor: str, accounts: Collection[str] | None = None) -> int:
    """Look again for the checks of all open items; how many were entered.

    One that a person has in hand at this moment is left to that person.
    """
    rows = session.scalars(
        select(UnmatchedReturn).where(UnmatchedReturn.outcome == "").order_by(UnmatchedReturn.id)
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).all()  # fmt: skip
    return sum(
        _found(session, row, enter_return(session, claim_of(row), actor, accounts), actor)
        for row in rows
        if row.bank_file_id is not None
    )


def note_return(
    session: Session,
    account: BankAccount,
    cents: int,
    reason: str,
    returned_on: date,
    words: str,
    actor: str,
) -> UnmatchedReturn:
    """Keep a returned item that the bank told on paper and whose check nobody finds.

    ``words`` are what the paper says of the check. WrongUse ``amount_needed``.
    """
    if cents <= 0:
        raise WrongUse(
            "amount_needed", "A returned item has an amount.", "Copy it from the notice."
        )
    row = UnmatchedReturn(
        ref=ids.new_ref("UR"), bank_account_id=account.id, number=0, fingerprint=ids.new_id(),
        amount_cents=cents, reason=reason[:60], returned_on=returned_on,
        sealed={"micr_line": "", "traces": [], "words": words.strip()[:LONGEST_NOTE]},
        entered_by=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_step(session, row, "return_kept", actor)
    return row


def _identity(claim: ReturnClaim) -> str:
    """What makes the item this item, whatever its place in the file."""
    days = (claim.returned_on, claim.forwarded_on)
    return "\x1f".join(str(each) for each in (
        claim.cents, claim.micr_line, claim.traces, claim.reason, *days))  # fmt: skip


def _fingerprint(identity: str, occurrence: int) -> str:
    return crypto.keyring().fingerprint("unmatched_return", f"{identity}\x1f{occurrence}")


def _by_mark(session: Session, mark: str) -> UnmatchedReturn | None:
    return session.scalars(
        select(UnmatchedReturn).where(UnmatchedReturn.fingerprint == mark).with_for_update()
    ).one_or_none()


def _keep(
    session: Session,
    file: BankFile,
    claim: ReturnClaim,
    mark: str,
    actor: str,
    bank_account_id: str | None,
) -> None:
    row = UnmatchedReturn(
        ref=ids.new_ref("UR"), bank_file_id=file.id, bank_account_id=bank_account_id,
        number=claim.number, fingerprint=mark, amount_cents=claim.cents, reason=claim.reason[:60],
        returned_on=came_back_on(claim, clock.now().date()), forwarded_on=claim.forwarded_on,
        sealed={"micr_line": claim.micr_line, "traces": [str(each) for each in claim.traces]},
        entered_by=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_step(session, row, "return_kept", actor)


def _account_of(session: Session, outcome: ReturnOutcome) -> str | None:
    """The bank account of the check that it is, where that is known."""
    if not outcome.payment_ref:
        return None
    return session.scalar(
        select(Office.bank_account_id)
        .join(Payment, Payment.office_id == Office.id)
        .where(Payment.ref == outcome.payment_ref)
    )


def _only(session: Session, accounts: Collection[str] | None) -> str | None:
    """The bank account that it can only be of: the one there is, or the one in sight."""
    known = list(accounts) if accounts is not None else list(
        session.scalars(select(BankAccount.id).limit(2)))  # fmt: skip
    return known[0] if len(known) == 1 else None


def _found(session: Session, row: UnmatchedReturn, outcome: ReturnOutcome, actor: str) -> bool:
    """End a row whose check was found; whether it was."""
    if outcome.status not in ("entered", "known"):
        return False
    item = session.scalars(
        select(ReturnedItem).where(ReturnedItem.ref == outcome.returned_ref)
    ).one()
    tied = select(UnmatchedReturn.id).where(UnmatchedReturn.returned_item_id == item.id)
    if session.scalar(tied) is not None:
        return False  # two items for one check: the second is a person's to look at
    end(session, row, "entered", actor, item, "")
    return True
