"""Where the money of one payment stands on both axes, by its own rows and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WAITING = frozenset({"awaiting_review", "depositable", "in_deposit"})
_UNBACKED = frozenset({"awaiting_review", "not_deposited"})
BANKED = frozenset({"deposited", "credited", "returned"})


@dataclass(frozen=True, slots=True)
class PaymentMoney:
    """One payment of a known amount.

    ``parts`` sums its live allocations by destination (``account``, ``unapplied``,
    ``unidentified``) and is read only when the payment is decided; ``posted_cents`` sums its
    acknowledged postings, reversals included, and ``sent_cents`` its live ones in any state.
    """

    ref: str
    kind: str
    amount_cents: int
    deposit_state: str
    match_state: str
    reason: str | None = None
    parts: Mapping[str, int] = field(default_factory=dict)
    posted_cents: int = 0
    sent_cents: int = 0


def asset_account(money: PaymentMoney) -> str:
    """The journal account that holds the payment; ``bank`` stands for the bank account's own."""
    state = money.deposit_state
    if state in WAITING:
        return "on_hand"
    if state == "not_deposited":
        return f"not_deposited:{money.reason or 'untyped'}"
    if state in ("deposited", "electronic"):
        return "in_transit"
    return "returned_items" if state == "returned" else "bank"


def owed(money: PaymentMoney) -> dict[str, int]:
    """How much of the payment stands under each account of the other side; cents sum to it.

    What a decided payment's parts leave over is under ``unexplained``: parts always make up the
    amount, so anything there is an error to be found.
    """
    posted = money.posted_cents
    if money.deposit_state == "returned":
        return {"posted": posted, "reversed": money.amount_cents - posted}
    if money.match_state == "set_aside":
        return {"set_aside": money.amount_cents, "posted": posted, "allocated": -posted}
    if money.match_state != "decided":
        return {"unidentified": money.amount_cents, "posted": posted, "allocated": -posted}
    account = money.parts.get("account", 0)
    unapplied = money.parts.get("unapplied", 0)
    unidentified = money.parts.get("unidentified", 0)
    return {
        "posted": posted,
        "allocated": account - posted,
        "unapplied": unapplied,
        "unidentified": unidentified,
        "unexplained": money.amount_cents - account - unapplied - unidentified,
    }


def overposted_cents(money: PaymentMoney) -> int:
    """What the PMS holds, or will, of a payment beyond its live parts for accounts; 0 is right.

    A check that awaits review, or was set aside, is neither in a deposit nor sure to come into
    one, so that nothing of it may be posted, whatever was decided.
    """
    account = 0 if money.deposit_state in _UNBACKED else money.parts.get("account", 0)
    return max(0, money.posted_cents - account, money.sent_cents - account)
