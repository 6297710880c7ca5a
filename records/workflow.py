"""Every state and every allowed transition, and what follows each event, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from records.errors import Conflict


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of one kind of thing: where it starts, and which state may follow which."""

    name: str
    attribute: str
    start: tuple[str, ...]
    moves: Mapping[str, tuple[str, ...]]

    @property
    def states(self) -> frozenset[str]:
        """Every state there is."""
        return frozenset(self.moves)


PICKUP = Machine(
    "pickup",
    "state",
    ("picked_up",),
    {
        "picked_up": ("handed_over", "received"),
        "handed_over": ("received",),
        "received": ("closed",),
        "closed": (),
    },
)
SOURCE_FILE = Machine(
    "source_file",
    "state",
    ("received",),
    {
        "received": ("decoded", "quarantined"),
        "decoded": ("split", "quarantined"),
        "split": ("read",),
        "read": ("split", "done"),
        "done": ("split",),  # the page editor made envelopes anew
        "quarantined": ("received", "dismissed"),  # tried again, or set aside by a person
        "dismissed": ("received",),
    },
)
TRANSACTION = Machine(
    "transaction",
    "state",
    ("waiting",),
    {
        "waiting": ("read", "replaced"),
        "read": ("registered", "replaced"),
        "registered": ("settled", "replaced"),
        "settled": ("replaced",),
        "replaced": (),
    },
)
DEPOSIT_AXIS = Machine(
    "payment on the way to the bank",
    "deposit_state",
    ("awaiting_review", "depositable", "electronic"),
    {
        "awaiting_review": ("depositable", "not_deposited"),
        "depositable": ("in_deposit", "not_deposited", "awaiting_review"),
        "in_deposit": ("depositable", "deposited"),
        "deposited": ("credited", "depositable"),  # back when the bank refuses the deposit
        # back to electronic when a person takes apart what was settled
        "credited": ("returned", "electronic"),
        "returned": ("depositable",),  # a second presentation, after the bank's return
        "not_deposited": ("awaiting_review",),
        "electronic": ("credited",),  # an 835 without a check: the bank pays it in
    },
)
MATCH_AXIS = Machine(
    "payment on the way to an account",
    "match_state",
    ("undecided",),
    {
        "undecided": ("in_review", "decided", "set_aside"),
        "in_review": ("decided", "set_aside"),
        "decided": ("in_review",),  # undone, or the PMS refused a line
        "set_aside": ("in_review",),  # not ours to post: misdirected, duplicate
    },
)
REMITTANCE_READ = Machine(
    "remittance as read",
    "read_state",
    ("to_check", "read"),
    {
        "to_check": ("read",),
        "read": ("to_check",),  # a later reading leaves a cell in doubt, or does not balance
    },
)
REMITTANCE_PARTNER = Machine(
    "remittance on the way to its payment",
    "partner_state",
    ("waiting", "none_needed"),
    {
        "waiting": ("joined", "none_needed", "dismissed"),
        "joined": ("waiting",),  # a person parts them, or the check is no payment any more
        "none_needed": ("waiting",),  # a later reading says that money goes with it
        "dismissed": ("waiting",),  # a copy of nothing any more, or it came after all
    },
)
REVIEW = Machine(
    "review item",
    "state",
    ("open",),
    {
        "open": ("leased", "done"),
        "leased": ("open", "done"),
        "done": ("open",),
    },
)
HELD_PART = Machine(
    "held part",
    "state",
    ("open",),
    {
        "open": ("placed", "withdrawn"),
        "placed": (),
        "withdrawn": (),  # its payment's match was undone as a whole
    },
)
_DENIAL_ENDS = ("billed_to_patient", "written_off", "overturned", "closed")
_DENIAL_AT_PAYER = ("appealed", "corrected_resubmitted")
DENIAL = Machine(
    "denial",
    "state",
    ("open",),
    {
        "open": ("working", *_DENIAL_AT_PAYER, *_DENIAL_ENDS),
        "working": ("open", *_DENIAL_AT_PAYER, *_DENIAL_ENDS),
        "appealed": ("working", "corrected_resubmitted", *_DENIAL_ENDS),
        "corrected_resubmitted": ("working", "appealed", *_DENIAL_ENDS),
        "billed_to_patient": ("open",),
        "written_off": ("open",),
        "overturned": ("open",),
        "closed": ("open",),
    },
)
ACCOUNT_FLAG = Machine(
    "flag of two accounts",
    "state",
    ("open",),
    {
        "open": ("same", "not_same", "gone"),
        "same": ("not_same",),
        "not_same": ("same",),
        "gone": ("open", "same", "not_same"),
    },
)
POSTING = Machine(
    "posting",
    "state",
    ("queued",),
    {
        "queued": ("exported", "withdrawn"),
        "exported": ("acknowledged", "failed", "unknown"),
        "unknown": ("acknowledged", "failed"),  # looked up in the PMS before it is sent again
        "acknowledged": (),
        "failed": ("withdrawn", "queued"),
        "withdrawn": (),
    },
)
POSTED: Final = frozenset({"exported", "unknown", "acknowledged"})
"""A posting in these states has left for the practice-management system, and may stand in it."""
DEPOSIT = Machine(
    "deposit",
    "state",
    ("open",),
    {
        "open": ("closed", "cancelled"),
        "closed": ("approved", "open"),
        "approved": ("exported", "credited", "rejected"),
        "exported": ("credited", "rejected"),
        "credited": (),
        "rejected": (),  # refused by the bank, or taken back unsent: its checks go again
        "cancelled": (),
    },
)
BANK_LINE = Machine(
    "bank line",
    "state",
    ("unmatched",),
    {
        "unmatched": ("settled", "explained"),
        "settled": ("unmatched",),  # a credit of electronic money of which nothing is posted
        "explained": ("unmatched",),
    },
)
ADDRESS_TASK = Machine(
    "address task",
    "state",
    ("open",),
    {
        "open": ("in_progress", "resolved", "closed_unresolved"),
        "in_progress": ("open", "resolved", "closed_unresolved"),
        "resolved": ("open",),  # mail to the new address came back too
        "closed_unresolved": ("open",),
    },
)
ADDRESS_CANDIDATE = Machine(
    "proposed address",
    "state",
    ("open",),
    {
        "open": ("confirmed", "dismissed"),
        "confirmed": (),  # it became a version, which is never taken back, only followed
        "dismissed": ("open",),
    },
)
ADDRESS_REQUEST = Machine(
    "question to a verifier",
    "state",
    ("asked",),
    {
        "asked": ("sending", "answered", "failed"),  # answered by a person, without sending
        "sending": ("answered", "asked", "failed", "unknown_outcome"),
        "unknown_outcome": ("sending", "answered", "failed"),  # a look-up may be asked again
        "failed": ("asked", "answered"),
        "answered": (),
    },
)
ACCOUNT_CHANGE = Machine(
    "account change",
    "state",
    ("queued",),
    {
        "queued": ("exported", "sent", "refused", "withdrawn"),
        "exported": ("acknowledged", "refused"),
        # it may have arrived: looked up in the PMS before it is sent again
        "sent": ("acknowledged", "refused", "queued"),
        "refused": ("queued", "acknowledged", "withdrawn"),  # again, or entered there by hand
        "acknowledged": (),
        "withdrawn": (),
    },
)
JOB = Machine(
    "job",
    "state",
    ("queued",),
    {
        "queued": ("running", "dead"),
        "running": ("done", "queued", "dead"),
        "dead": ("queued",),
        "done": (),
    },
)

MACHINES = (
    PICKUP,
    SOURCE_FILE,
    TRANSACTION,
    DEPOSIT_AXIS,
    MATCH_AXIS,
    REMITTANCE_READ,
    REMITTANCE_PARTNER,
    REVIEW,
    HELD_PART,
    DENIAL,
    ACCOUNT_FLAG,
    POSTING,
    DEPOSIT,
    BANK_LINE,
    ADDRESS_TASK,
    ADDRESS_CANDIDATE,
    ADDRESS_REQUEST,
    ACCOUNT_CHANGE,
    JOB,
)

# What happened -> (kind of subject, stages that take it up). A stage never names the next one.
STAGES_AFTER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "file_received": (("source_file", "intake.decode"),),
    "file_decoded": (("source_file", "intake.split"),),
    "transaction_split": (("transaction", "ocr.read"),),
    "file_read": (("source_file", "matching.register"),),
    "transaction_registered": (
        ("transaction", "matching.match"),
        ("transaction", "deposits.image_checks"),
    ),
    "acs_block_given": (("acs_block", "returned_mail.acs_block"),),
    "returned_mail_registered": (("document", "returned_mail.open_task"),),
    "remittance_changed": (("payment", "matching.match_again"),),
    "layout_taught": (("document", "matching.reread"),),
    "payment_decided": (("payment", "deposits.queue_postings"),),
}


class Stateful(Protocol):
    """A row with an id; its state attribute is named by the machine."""

    id: Any


def may(machine: Machine, current: str, to: str) -> bool:
    """Whether the table allows this move."""
    return to in machine.moves.get(current, ())


def move(row: Stateful, machine: Machine, to: str) -> None:
    """Move a row to its next state; the one way any state changes.

    Raises Conflict ``transition_refused`` for a move that is not in the table. The caller holds
    the row's lock (SQLite: the write transaction; PostgreSQL: ``SELECT ... FOR UPDATE``).
    """
    current = getattr(row, machine.attribute)
    if not may(machine, current, to):
        raise Conflict(
            "transition_refused",
            f"A {machine.name} that is {current} cannot become {to}.",
            "Reload the page: somebody may have changed it meanwhile.",
        )
    setattr(row, machine.attribute, to)
