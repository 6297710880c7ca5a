"""Checks that cannot be deposited: the queue of them, the next step of each, and its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from deposits.payment_money import IN_PLAY
from matching import fingerprints, keeping_out, review
from records import audit, clock
from records.errors import Conflict, NotFound, WrongUse
from records.models import BankAccount, DepositException, Office, Payment, ReviewItem
from records.models.exceptions import GONE, LEAVES

_RETURNS = ("returned_to_sender", "returned_to_office")
STEPS = {
    "put_back": "put back for a second look",
    "hold": "held until a day",
    "returned_to_sender": "returned to sender",
    "returned_to_office": "given to its office",
    "sent_for_collection": "sent to the bank for collection",
    "new_check_asked": "a new check was asked for",
}
"""What a person may do with a check that is kept out, by its name, in words."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done with a check of one reason: in words, and the steps that do it."""

    words: str
    steps: tuple[str, ...]


_BACK = ("put_back", "hold")
NEXT = {
    "postdated": NextStep(
        "Keep it until its date: on that day it comes back by itself.", (*_BACK, *_RETURNS)),
    "stale": NextStep(
        "Ask the payer for a new check.", ("new_check_asked", *_RETURNS, *_BACK)),
    "unsigned": NextStep(
        "Return it to be signed: to the sender, or by its office.", (*_RETURNS, *_BACK)),
    "misdirected": NextStep(
        "It is not ours: return it to the sender, or give it to the office it is for.",
        (*_RETURNS, *_BACK)),
    "third_party": NextStep(
        "It was signed over by somebody else, and the bank takes no such check: return it.",
        (*_RETURNS, *_BACK)),
    "foreign": NextStep(
        "Send it to the bank for collection, or return it.",
        ("sent_for_collection", *_RETURNS, *_BACK)),
    "not_negotiable": NextStep(
        "It is no money: return it, or ask for a check.",
        (*_RETURNS, "new_check_asked", *_BACK)),
    "held": NextStep(
        "Decide: put it back, hold it until a day, or return it.", (*_BACK, *_RETURNS)),
    "duplicate": NextStep(
        "Compare it with the first scan; a second person decides.", ()),
}  # fmt: skip
_OTHER = NEXT["held"]
_ASKED = {
    "same_item": ("duplicate", "duplicate"), "unsigned": ("unsigned", "signature"),
    "stale": ("stale", "date"), "postdated": ("postdated", "date"),
    "foreign": ("foreign", "foreign"),
    "void": ("not_negotiable", "void"),
    "payee": ("misdirected", "payee"),
}  # fmt: skip
"""Flag -> the reason it may come to, and the question that is open while it may."""


def next_step(reason: str) -> NextStep:
    """The next step of a reason; that of ``held`` for one nobody has named."""
    return NEXT.get(reason, _OTHER)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check that waits for a typed reason: set aside by ``decided_by``, or asked in review.

    ``item`` is the reference of its open question, empty where nothing is asked. ``until_on``:
    held until that day. ``age_days`` counts from the day it was received.
    """

    ref: str
    reason: str
    asked: bool
    amount_cents: int | None
    office: str
    received_on: date
    age_days: int
    decided_by: str
    item: str
    until_on: date | None

    @property
    def compares(self) -> bool:
        """Whether its next step is to look at two pictures."""
        return self.reason == "duplicate"

    def to_json(self) -> dict[str, Any]:
        """``{payment, reason, state, amount_cents, office, received_on, age_days, decided_by,
        until_on, next}``; ``state`` is ``asked`` (in review) or ``set_aside``.
        """
        return {
            "payment": self.ref,
            "reason": self.reason,
            "state": "asked" if self.asked else "set_aside",
            "amount_cents": self.amount_cents,
            "office": self.office,
            "received_on": self.received_on,
            "age_days": self.age_days,
            "decided_by": self.decided_by or None,
            "until_on": self.until_on,
            "next": next_step(self.reason).words,
        }


def queue(session: Session, offices: Collection[str] | None) -> list[Waiting]:
    """Every check that waits for a typed reason, the oldest first; ``offices`` by id, None: all."""
    rows = [*_set_aside(session, offices), *_asked(session, offices)]
    return sorted(rows, key=lambda row: (-row.age_days, row.ref))


def counts(rows: Iterable[Waiting]) -> dict[str, tuple[int, int]]:
    """By reason, how many wait and their cents, in the order in which reasons are told."""
    held = list(rows)
    found = {}
    for reason in [*NEXT, *sorted({row.reason for row in held} - NEXT.keys())]:
        some = [row for row in held if row.reason == reason]
        if some:
            found[reason] = (len(some), sum(row.amount_cents or 0 for row in some))
    return found


_FACTS = (Payment.ref, Payment.amount_cents, Payment.received_on, Office.name, BankAccount.zone)
"""What a row shows of the check; nothing that is sealed is opened for a list."""


def _set_aside(session: Session, offices: Collection[str] | None) -> list[Waiting]:
    query = (
        _facts(offices)
        .add_columns(DepositException.reason, DepositException.set_by, DepositException.until_on,
                     ReviewItem.ref)
        .join(DepositException, DepositException.payment_id == Payment.id)
        .outerjoin(
            ReviewItem, (ReviewItem.payment_id == Payment.id) & (ReviewItem.state != "done")
        )
        .where(DepositException.outcome == "")
    )  # fmt: skip
    return [
        _row(facts, reason, by=by, until=until, item=item or "")
        for *facts, reason, by, until, item in session.execute(query)
    ]


def _asked(session: Session, offices: Collection[str] | None) -> list[Waiting]:
    query = (
        _facts(offices)
        .add_columns(Payment.flags, ReviewItem.ref, ReviewItem.asks)
        .join(ReviewItem, ReviewItem.payment_id == Payment.id)
        .where(ReviewItem.state != "done", Payment.deposit_state == "awaiting_review")
    )
    return [
        _row(facts, reason, item=item)
        for *facts, flags, item, asks in session.execute(query)
        if (reason := reason_asked(flags, asks))
    ]


def _facts(offices: Collection[str] | None) -> Select[*tuple[Any, ...]]:
    query = (
        select(*_FACTS)
        .select_from(Payment)
        .join(Office, Office.id == Payment.office_id)
        .join(BankAccount, BankAccount.id == Office.bank_account_id)
        .where(IN_PLAY)
    )
    return query if offices is None else query.where(Payment.office_id.in_(offices))


def reason_asked(flags: Collection[str], asks: Collection[str]) -> str:
    """The reason that an open question may come to; empty for a question of another kind."""
    return next((reason for flag, (reason, ask) in _ASKED.items()
                 if flag in flags and ask in asks), "")  # fmt: skip


def _row(
    facts: Sequence[Any], reason: str, *, by: str = "", item: str = "", until: date | None = None
) -> Waiting:
    ref, cents, received_on, office, zone = facts
    age = (clock.now().astimezone(ZoneInfo(zone)).date() - received_on).days
    return Waiting(ref, reason, not by, cents, office, received_on, max(0, age), by, item, until)


def waits_nowhere(session: Session, *where: ColumnElement[bool]) -> list[tuple[str, int]]:
    """References and cents of checks that fulfil ``where`` and that no queue would ever show.

    A check kept out although it was let go, and one that may be deposited but counts as a second
    scan: no step of the program leaves one so, a statement around it may.
    """
    let_go = keeping_out.ended(*LEAVES) & ~keeping_out.ended("", *GONE, "sent_for_collection")
    dead = ~Payment.live & Payment.deposit_state.in_(("depositable", "in_deposit"))
    found = session.execute(
        select(Payment.ref, Payment.amount_cents)
        .where(*where, Payment.amount_cents.is_not(None), IN_PLAY,
               ((Payment.deposit_state == "not_deposited") & let_go) | dead)
        .order_by(Payment.ref)
    )  # fmt: skip
    return [(ref, cents or 0) for ref, cents in found]


def hold(session: Session, payment_id: str, until: date, actor: str) -> None:
    """Keep a check out until a day, for the reason it has; then it comes back by itself.

    WrongUse ``wrong_date`` for a day that is not to come; Conflict ``not_kept_out``,
    ``compare_first``.
    """
    payment, row = _kept_out(session, payment_id, "hold")
    if until <= keeping_out.today(payment):
        raise WrongUse(
            "wrong_date", f"{until} is not to come.", "Name a later day, or put it back."
        )
    keeping_out.end(session, payment, "held", actor)
    keeping_out.enter(session, payment, row.reason, actor, until)
    _told(session, payment, actor, "payment.held", until_on=until.isoformat())


def put_back(session: Session, payment_id: str, actor: str) -> ReviewItem:
    """A second look: the check awaits review again, and its question is open."""
    fingerprints.lock(session)  # before the check, as what comes back by itself does
    _kept_out(session, payment_id, "put_back")
    return review.reopen(session, payment_id, actor)


def finish(
    session: Session, payment_id: str, step: str, actor: str, how: str, on: date | None = None
) -> None:
    """Say what became of a check for good: ``step`` of ``STEPS``, how, and on which day.

    Its money stays under its reason in the day's proof. WrongUse ``wrong_step``, ``how_missing``,
    ``wrong_date``; Conflict ``not_kept_out``, ``compare_first``.
    """
    if step in _BACK:
        raise _wrong_step(step)
    payment, _ = _kept_out(session, payment_id, step)
    said = " ".join(how.split())[:200]
    if not said:
        raise WrongUse("how_missing", "Say how.", "By which mail, to whom, or with which number.")
    today = keeping_out.today(payment)
    day = on or today
    # What comes after the cut-off or on a weekend bears the next business date: it is here today.
    if not min(payment.received_on, today) <= day <= today:
        raise WrongUse("wrong_date", f"{day} is before it came, or not here yet.", "Name another.")
    keeping_out.end(session, payment, step, actor, on=day, evidence={"how": said})
    _told(session, payment, actor, f"payment.{step}", on=day.isoformat())


def found(session: Session, ref: str) -> Payment:
    """The payment of a reference; NotFound ``payment_unknown``."""
    payment = session.scalars(select(Payment).where(Payment.ref == ref)).one_or_none()
    if payment is None:
        raise NotFound("payment_unknown", f"There is no payment {ref}.", "Look at it again.")
    return payment


def _kept_out(session: Session, payment_id: str, step: str) -> tuple[Payment, DepositException]:
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    row = keeping_out.open_of(session, payment_id)
    if payment is None or row is None:
        raise Conflict("not_kept_out", "This check waits for nothing any more.",
                       "Reload the queue: somebody may have dealt with it.")  # fmt: skip
    if row.reason == "duplicate":
        raise Conflict("compare_first", f"{payment.ref} may be a second scan.",
                       "Compare both pictures; a second person decides.")  # fmt: skip
    if step not in next_step(row.reason).steps:
        raise _wrong_step(step)
    return payment, row


def _wrong_step(step: str) -> WrongUse:
    return WrongUse("wrong_step", f"{step} ends no check of this reason.",
                    f"The steps are {', '.join(STEPS)}; the page shows which fit.")  # fmt: skip


def _told(session: Session, payment: Payment, actor: str, action: str, **detail: str) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="payment",
                 subject_id=payment.id, detail={"ref": payment.ref, **detail})  # fmt: skip
