"""Values of the generator: pictures, pieces with their truth, envelopes, and the whole bag."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal[
    "check", "check_back", "remittance", "coupon", "returned_mail", "correspondence",
    "envelope", "deposit_slip", "separator", "blank", "unknown",
]  # fmt: skip
Mode = Literal["color", "gray", "bitonal"]
Outcome = Literal[
    "match", "review", "duplicate", "misdirected", "unsigned", "postdated", "amount_mismatch",
    "unidentified", "unreadable", "returned_mail", "correspondence", "blank",
]  # fmt: skip
"""What an able clerk would do with the envelope; ``match`` is routine, the rest need a person."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as a scanner or telephone gave it.

    ``pixels`` is height x width (gray or bitonal, 0 is black) or height x width x 3 in BGR order,
    like ``intake.types.Pixels``. ``jpeg_quality`` is that of the file it will be written to.
    """

    pixels: NDArray[np.uint8]
    dpi: int
    kind: Kind
    mode: Mode
    jpeg_quality: int = 80


@dataclass(frozen=True, slots=True)
class Allocation:
    """Cents of a payment that belong to an account, and to a statement or claim where known."""

    account_number: str
    amount_cents: int
    statement_number: str | None = None
    claim_number: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One document: its pages, and ``truth``, the contract's field values for its kind.

    ``region`` (x, y, width, height in pixels) is its part of a page that several documents share;
    all but the first of them then have no pages of their own.
    """

    kind: Kind
    pages: tuple[Picture, ...]
    truth: dict[str, Any]
    accounts: tuple[str, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    region: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class MailItem:
    """One envelope: its documents, what it pays, and what ought to happen to it."""

    name: str
    scenario: str
    office_code: str
    outcome: Outcome
    pieces: tuple[Piece, ...]
    allocations: tuple[Allocation, ...] = ()
    amount_cents: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts the envelope is about, without repetition."""
        listed = [a.account_number for a in self.allocations]
        listed += [number for piece in self.pieces for number in piece.accounts]
        return tuple(dict.fromkeys(listed))
