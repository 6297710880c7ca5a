"""Values that a posting file is made of, and the one protocol that every PMS format has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from records.errors import FindingError

Outcome = Literal["posted", "failed", "unknown", "not_taken"]
"""What became of a line: ``unknown`` may have been posted and is looked up before anything else;
``not_taken`` has surely not been (the PMS was busy or out of reach), so it may be sent again."""


@dataclass(frozen=True, slots=True)
class ClaimAdjustment:
    """Why less was paid: group and CARC; ``unknown`` where paper has a code that is none.

    ``group`` is empty where neither the page nor the standard says who bears the amount.
    """

    group: str
    code: str
    amount_cents: int
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One service line of a claim as the remittance pays it; ``procedure`` is its CDT/CPT code.

    ``write_off_cents`` (group CO) and ``deductible_cents`` (PR 1) are None where the remittance
    does not say: no PMS is told a zero then.
    """

    procedure: str
    service_on: str
    charged_cents: int
    paid_cents: int
    write_off_cents: int | None = 0
    deductible_cents: int | None = 0
    adjustments: tuple[ClaimAdjustment, ...] = ()
    modifiers: tuple[str, ...] = ()
    units: str = ""
    service_end_on: str = ""
    remarks: tuple[str, ...] = ()
    patient_responsibility_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a remittance: what the insurer pays for it, line by line.

    ``status`` is CLP02 (1 primary, 2 secondary, 4 denied, 22 reversal), empty where unknown;
    ``adjustments`` and ``remarks`` are those of the claim as a whole.
    """

    number: str
    charged_cents: int
    paid_cents: int
    lines: tuple[ClaimLine, ...]
    status: str = ""
    member_id: str = ""
    adjustments: tuple[ClaimAdjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    patient_responsibility_cents: int | None = None


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One posting: ``amount_cents`` is negative for a reversal, which names what it undoes.

    ``reverses_reference`` is the PMS's own number of that. ``insurance``: a remittance explains
    the payment, and ``claims`` are the account's claims in it when they make up the amount.
    ``last_names`` are the patient's and the guarantor's. ``payer_address`` is as it was read, on
    one line.
    """

    ref: str
    account_number: str
    patient_name: str
    amount_cents: int
    received_on: date
    payment_ref: str
    method: str
    check_number: str
    payer_name: str
    statement_number: str = ""
    reverses_ref: str = ""
    reverses_reference: str = ""
    last_names: tuple[str, ...] = ()
    insurance: bool = False
    claims: tuple[Claim, ...] = ()
    payer_address: str = ""


@dataclass(frozen=True, slots=True)
class PostingFile:
    """All lines of one export, for one office; ``total_cents`` is what the books say they sum to.

    Raises FindingError ``posting_file_unbalanced`` when lines and total differ, a line stands
    there twice, or a sign is wrong: such a file never leaves.
    """

    ref: str
    office_code: str
    office_name: str
    npi: str
    tax_id: str
    made_at: datetime
    total_cents: int
    lines: tuple[PostingLine, ...]

    def __post_init__(self) -> None:
        refs = {line.ref for line in self.lines}
        signs = all((line.amount_cents < 0) == bool(line.reverses_ref) for line in self.lines)
        total = sum(line.amount_cents for line in self.lines)
        if len(refs) != len(self.lines) or not signs or total != self.total_cents:
            raise unbalanced(self.ref)


def unbalanced(ref: str) -> FindingError:
    """The error for a file whose lines do not make up what it says."""
    return FindingError(
        "posting_file_unbalanced",
        f"The lines of {ref} do not make up its total.",
        "Nothing was written. Report it: the books and the file must agree.",
    )


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What a PMS said of one line: its own ``reference`` when posted, the ``reason`` when not."""

    ref: str
    outcome: Outcome
    reference: str = ""
    reason: str = ""


class Adapter(Protocol):
    """One format that postings are given in.

    ``write`` is a pure function of the file: the same file gives the same bytes. ``read_answers``
    takes what the PMS sent back and raises WrongUse ``wrong_answer_file`` for what it does not
    understand as a whole.
    """

    @property
    def name(self) -> str:
        """The format's name, as kept with each export."""

    @property
    def ending(self) -> str:
        """The file name's ending."""

    def write(self, file: PostingFile) -> bytes:
        """The balanced file."""

    def read_answers(self, data: bytes) -> Sequence[LineAnswer]:
        """The PMS's answer, line by line."""


class Sender(Protocol):
    """A PMS that is spoken to directly, line by line, after its file was written and kept.

    Neither method raises for what the PMS or the network does: that is the answer.
    """

    def send(self, line: PostingLine) -> LineAnswer:
        """Look for the line and post it when it is not there."""

    def look_up(self, line: PostingLine) -> LineAnswer:
        """``posted`` when it is there, ``not_taken`` when surely not, else ``unknown``."""
