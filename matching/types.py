"""Values of matching: what an envelope says of a payment, accounts, reasons, and proposals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from matching.claim_facts import RemittedClaim
from matching.places import Place

Outcome = Literal["auto", "review", "no_match"]
Destination = Literal["account", "unapplied", "unidentified"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal of a comparison: its level, its weight (natural log odds), and words for people.

    ``detail`` names no amounts of others and no sealed value; it is shown beside the candidate.
    """

    signal: str
    level: str
    weight: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement as matching needs it; all money in cents."""

    number: str
    statement_on: date
    balance_cents: int
    open_cents: int
    minimum_due_cents: int | None = None
    imb: str = ""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A patient account as matching needs it.

    ``confirmations`` counts how often people confirmed that the payer's bank account at hand pays
    this account. ``statements`` are all known ones, oldest first, paid ones (``open_cents`` 0)
    among them: a stub of a paid statement still names its account. ``where`` is the address taken
    apart; None where nobody did yet. ``instalment_cents`` is what its payment plan asks each time.
    """

    number: str
    office_code: str
    patient_first: str
    patient_last: str
    guarantor_first: str
    guarantor_last: str
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    member_id: str = ""
    household: str = ""
    statements: tuple[OpenStatement, ...] = ()
    confirmations: int = 0
    where: Place | None = None
    instalment_cents: int | None = None

    @property
    def open_statements(self) -> tuple[OpenStatement, ...]:
        """Those with something left to pay, oldest first."""
        if not self.statements:
            return ()
        return tuple(s for s in self.statements if s.open_cents > 0)

    @property
    def open_cents(self) -> int:
        """What the account owes in all."""
        return sum(s.open_cents for s in self.open_statements)


@dataclass(frozen=True, slots=True)
class Clues:
    """What the envelope says of where one sum of money belongs; empty text or tuple: unread.

    ``amount_cents`` is compared with what accounts owe; None where that means nothing (an
    insurer's share of a claim). ``payer_hmac`` is the keyed hash of the payer's bank account.
    ``claims``: accounts by number whose sent claims it may be, each with ``found``, ``rival`` (one
    of several) or ``unfit`` (the account has claims, and none like it).
    """

    amount_cents: int | None = None
    account_numbers: tuple[str, ...] = ()
    statement_numbers: tuple[str, ...] = ()
    imbs: tuple[str, ...] = ()
    payer_name: str = ""
    payer_address: str = ""
    patient_names: tuple[str, ...] = ()
    member_ids: tuple[str, ...] = ()
    memo: str = ""
    office_code: str = ""
    payer_hmac: str | None = None
    claims: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A sum of the check with its own clues: the whole check, one coupon's, or one claim's.

    ``amount_cents`` is None when the envelope does not say how much of the check it is. ``claim``
    is what a remittance says of the claim.
    """

    kind: Literal["check", "coupon", "claim"]
    clues: Clues
    amount_cents: int | None
    label: str = ""
    claim: RemittedClaim | None = None


@dataclass(frozen=True, slots=True)
class PaymentClues:
    """One payment with all parts of it; ``adjustment_cents`` is the insurer's own (PLB), signed.

    ``coupon_cents`` are the sums on the coupons that came with it, due and enclosed. ``unread``:
    an amount that its remittances say they hold is not read, so their sums prove nothing.
    ``gainsaid``: a claim is paid whose own status says that nothing is. ``doubt``: why, in plain
    words, a person decides however sure the parts are (``matching.doubting``); empty for no reason.
    """

    amount_cents: int | None
    parts: tuple[Part, ...]
    adjustment_cents: int = 0
    ambiguous: bool = False
    unread: bool = False
    coupon_cents: tuple[int, ...] = ()
    gainsaid: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a comparison must know of the whole chart of accounts.

    ``account_count`` accounts in all; ``amount_accounts`` of them owe exactly the amount at hand
    on some statement or in all; ``payer_accounts`` were confirmed for the payer's bank account.
    """

    account_count: int
    amount_accounts: int = 0
    payer_accounts: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of one part: accounts by number, with their households, and the chart."""

    accounts: tuple[AccountFacts, ...]
    chart: Chart


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored account; ``reasons`` add up to ``score``, ``probability`` is against its rivals."""

    account: AccountFacts
    score: float
    probability: float
    reasons: tuple[Reason, ...]

    def level(self, signal: str) -> str:
        """The level of a signal, ``absent`` where it said nothing."""
        return next((r.level for r in self.reasons if r.signal == signal), "absent")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The scored candidates, best first, and the probability that it is none of them."""

    candidates: tuple[Candidate, ...]
    nobody: float


@dataclass(frozen=True, slots=True)
class AllocationInput:
    """One part of a payment as a person gives it; account and statement by their numbers.

    ``destination`` is ``account``, ``unapplied`` (account known, charge not) or ``unidentified``.
    ``hold``: why it is held (one of ``records.models.HELD_REASONS``), empty where that is unsaid.
    """

    destination: str
    account_number: str | None
    statement_number: str | None
    amount_cents: int
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment and where it goes; account and statement by their numbers.

    ``hold``: the typed reason under which it waits for a place, while the other parts post.
    """

    destination: Destination
    amount_cents: int
    account_number: str | None = None
    statement_number: str | None = None
    reason: str = ""
    hold: str = ""

    def as_input(self) -> AllocationInput:
        """The share as a person would give it, for confirming a proposal as it stands."""
        return AllocationInput(
            self.destination, self.account_number, self.statement_number, self.amount_cents,
            self.hold,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to split a payment; the shares add up to it exactly.

    ``clear`` says that the amount itself speaks for this split: nothing else explains it.
    """

    kind: str
    shares: tuple[Share, ...]
    clear: bool
    detail: str = ""

    @property
    def total_cents(self) -> int:
        """The sum of the shares."""
        return sum(share.amount_cents for share in self.shares)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one payment: outcome, the evidence's stratum, and the ranked proposals.

    ``reasons`` add up to ``score`` (of the weakest part when there are several). ``judged`` add
    up to the log odds of ``probability``; empty where no judge was asked. ``alike`` are the
    accounts whose candidates lead to the very same split.
    """

    outcome: Outcome
    stratum: str
    probability: float
    score: float
    reasons: tuple[Reason, ...]
    rankings: tuple[Ranking, ...]
    proposals: tuple[Proposal, ...] = ()
    why: str = ""
    labels: tuple[str, ...] = field(default=())
    judged: tuple[Reason, ...] = field(default=())
    alike: frozenset[str] = field(default=frozenset())
