"""What was not posted within 24 hours of its receipt, by office, and what each cent waits for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from deposits.posting_plan import GIVE_BACK

WITHIN: Final = timedelta(hours=24)
REASONS: Final[dict[str, str]] = {
    "review": "in review",
    "not_depositable": "not depositable",
    "not_exported": "not given to the PMS yet",
    "not_answered": "given to the PMS, no answer yet",
    "unknown": "may be in the PMS: to be looked up",
    "failed": "refused by the PMS",
    "unapplied": "on an account, on no charge",
    "unidentified": "on no account",
}
"""Every reason that a payment waits for, in the order in which it is told."""
NEVER_POSTED: Final = ("misdirected", "duplicate")
"""Checks not deposited for these reasons are nobody's money here: nothing of them is late."""
_BY_STATE = {
    "queued": "not_exported",
    "exported": "not_answered",
    "unknown": "unknown",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class PostingFact:
    """A live posting: its state, and the one it reverses."""

    ref: str
    id: str
    allocation_id: str
    amount_cents: int
    state: str
    error: str
    made_at: datetime
    reverses_id: str | None = None


@dataclass(frozen=True, slots=True)
class PartFact:
    """A live allocation: ``account``, ``unapplied`` or ``unidentified``."""

    allocation_id: str
    destination: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """A payment as it stands; ``received_at`` is when the scan or file with it arrived."""

    ref: str
    office_code: str
    received_at: datetime
    amount_cents: int | None
    live: bool
    deposit_state: str
    not_deposited_reason: str | None
    match_state: str
    flags: tuple[str, ...]
    parts: tuple[PartFact, ...]
    postings: tuple[PostingFact, ...]


@dataclass(frozen=True, slots=True)
class LateLine:
    """Cents of a payment that wait, for one reason; None while the amount is not read.

    A reversal that waits is below zero and as old as itself. ``detail`` is a code or what the PMS
    said, never a name.
    """

    office_code: str
    payment_ref: str
    posting_ref: str
    reason: str
    detail: str
    amount_cents: int | None
    since_at: datetime

    def age_hours(self, now: datetime) -> int:
        """Whole hours that it has waited."""
        return int((now - self.since_at).total_seconds() // 3600)


@dataclass(frozen=True, slots=True)
class LateReport:
    """All that waits for longer than ``within`` at an instant, the oldest first."""

    at: datetime
    within: timedelta
    lines: tuple[LateLine, ...]

    def offices(self) -> dict[str, tuple[LateLine, ...]]:
        """The lines by office code, in the order of the codes."""
        codes = sorted({line.office_code for line in self.lines})
        return {code: tuple(x for x in self.lines if x.office_code == code) for code in codes}

    def to_json(self) -> dict[str, Any]:
        """``{at, within_hours, count, amount_cents, offices: [{office, count, amount_cents,
        unread_count, oldest_hours, reasons: {REASON: {count, amount_cents}}, lines: [...]}]}``.
        """
        return {
            "at": self.at,
            "within_hours": int(self.within.total_seconds() // 3600),
            **_sums(self.lines),
            "offices": [self._office(code, lines) for code, lines in self.offices().items()],
        }

    def _office(self, code: str, lines: Sequence[LateLine]) -> dict[str, Any]:
        by_reason = {
            reason: [line for line in lines if line.reason == reason] for reason in REASONS
        }
        return {
            "office": code,
            **_sums(lines),
            "unread_count": sum(line.amount_cents is None for line in lines),
            "oldest_hours": max(line.age_hours(self.at) for line in lines),
            "reasons": {reason: _sums(found) for reason, found in by_reason.items() if found},
            "lines": [
                {
                    "payment_ref": line.payment_ref,
                    "posting_ref": line.posting_ref or None,
                    "reason": line.reason,
                    "detail": line.detail,
                    "amount_cents": line.amount_cents,
                    "since_at": line.since_at,
                    "age_hours": line.age_hours(self.at),
                }
                for line in lines
            ],
        }


def late(facts: Iterable[PaymentFact], now: datetime, within: timedelta = WITHIN) -> LateReport:
    """What waits for longer than ``within``: every cent received that the PMS has not taken."""
    found = [line for fact in facts for line in waiting(fact) if now - line.since_at > within]
    return LateReport(now, within, tuple(sorted(found, key=lambda x: (x.since_at, x.payment_ref))))


def waiting(fact: PaymentFact) -> list[LateLine]:
    """What of a payment waits, however young; the cents and what is posted make up the payment."""
    lines = [_reversal(fact, each) for each in fact.postings if each.reverses_id is not None]
    gone = not fact.live or fact.deposit_state == "returned"
    if gone or fact.not_deposited_reason in NEVER_POSTED:
        return lines
    posted = sum(each.amount_cents for each in fact.postings if each.state == "acknowledged")
    left = None if fact.amount_cents is None else fact.amount_cents - posted
    if left == 0:
        return lines
    if fact.deposit_state == "not_deposited":
        return [*lines, _line(fact, "not_depositable", left, fact.not_deposited_reason or "")]
    if fact.match_state != "decided" or fact.deposit_state == "awaiting_review" or left is None:
        return [*lines, _line(fact, "review", left, fact.match_state)]
    return [*lines, *_parts(fact)]


def _parts(fact: PaymentFact) -> list[LateLine]:
    by_part = {each.allocation_id: each for each in fact.postings if each.reverses_id is None}
    lines = []
    for part in fact.parts:
        posting = by_part.get(part.allocation_id)
        if part.destination != "account":
            lines.append(_line(fact, part.destination, part.amount_cents, ""))
        elif posting is None:
            held = "given back" if GIVE_BACK in fact.flags else ""
            lines.append(_line(fact, "not_exported", part.amount_cents, held))
        elif posting.state in _BY_STATE:
            lines.append(_line(fact, _BY_STATE[posting.state], part.amount_cents, posting.error,
                               posting.ref))  # fmt: skip
    return lines


def _reversal(fact: PaymentFact, posting: PostingFact) -> LateLine:
    return LateLine(fact.office_code, fact.ref, posting.ref, _BY_STATE[posting.state],
                    posting.error, posting.amount_cents, posting.made_at)  # fmt: skip


def _line(
    fact: PaymentFact, reason: str, cents: int | None, detail: str, posting_ref: str = ""
) -> LateLine:
    return LateLine(
        fact.office_code, fact.ref, posting_ref, reason, detail, cents, fact.received_at
    )


def _sums(lines: Sequence[LateLine]) -> dict[str, int]:
    return {"count": len(lines), "amount_cents": sum(line.amount_cents or 0 for line in lines)}
