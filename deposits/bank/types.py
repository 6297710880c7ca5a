"""Values a bank's file becomes: statements of accounts, lines, and what does not add up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

MOST_DIGITS = 60
"""No amount has more; a longer one is none, whatever its digits."""
Direction = Literal["credit", "debit"]
LineKind = Literal[
    "deposit", "lockbox_deposit", "returned_item", "correction", "fee", "eft_credit", "other"
]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement; ``amount_cents`` is positive and ``direction`` says which way it went.

    ``type_code`` is the bank's own (BAI2 type code, OFX TRNTYPE, a CSV's type column).
    ``bank_id`` is the bank's own number for the line where it has one that never repeats
    (OFX FITID): then it alone tells two lines apart.
    """

    value_on: date
    amount_cents: int
    direction: Direction
    type_code: str
    kind: LineKind
    text: str
    reference: str
    bank_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """The contract's shape of a line."""
        return {
            "value_on": self.value_on.isoformat(),
            "amount_cents": self.amount_cents,
            "direction": self.direction,
            "type_code": self.type_code,
            "kind": self.kind,
            "text": self.text,
            "reference": self.reference,
        }


BalanceKind = Literal["opening", "closing", "opening_available", "closing_available"]


@dataclass(frozen=True, slots=True)
class StatementBalance:
    """A balance in cents, below zero when overdrawn; ``opening`` and ``closing`` are the ledger's,
    the others what may be drawn."""

    kind: BalanceKind
    on: date
    cents: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"kind": self.kind, "on": self.on.isoformat(), "amount_cents": self.cents}


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """The lines of one account; ``account`` is the number as the bank writes it.

    ``from_on`` and ``to_on`` are the days that the statement is of, where it has a balance.
    ``told_cents`` are the total credits less debits that the bank states beside its lines.
    """

    account: str
    routing_number: str = ""
    currency: str = ""
    lines: tuple[StatementLine, ...] = ()
    balances: tuple[StatementBalance, ...] = ()
    from_on: date | None = None
    to_on: date | None = None
    told_cents: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's shape: ``{account, lines}`` and what else is known."""
        return {
            "account": self.account,
            "routing_number": self.routing_number,
            "currency": self.currency,
            "lines": [line.to_json() for line in self.lines],
            "balances": [balance.to_json() for balance in self.balances],
        }


@dataclass(frozen=True, slots=True)
class StatementFinding:
    """Something in the file that is wrong by its own figures; ``where`` is a line number."""

    code: str
    where: int
    message: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"code": self.code, "where": self.where, "message": self.message}


@dataclass(frozen=True, slots=True)
class BankStatement:
    """A whole bank file: its format, its accounts in file order, and its findings."""

    format: str
    accounts: tuple[StatementAccount, ...]
    findings: tuple[StatementFinding, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The contract's ``bank show``: the first account at the top, all under ``accounts``.

        A file of one account (the common case) is fully described by ``account`` and ``lines``;
        for a file of several, ``lines`` holds all lines, each with its ``account``.
        """
        lines = [
            {**line.to_json(), "account": account.account}
            for account in self.accounts
            for line in account.lines
        ]
        return {
            "format": self.format,
            "account": self.accounts[0].account if self.accounts else None,
            "lines": lines,
            "accounts": [account.to_json() for account in self.accounts],
            "findings": [finding.to_json() for finding in self.findings],
        }
