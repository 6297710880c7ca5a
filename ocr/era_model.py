"""What an X12 835 holds: payments, claims, service lines, and all that is said of each.

An amount that cannot be read is None, never zero; a finding ``bad_amount`` names its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ocr.x12 import Document, Finding

_Entry = TypeVar("_Entry")


def more(listed: Sequence[_Entry], entry: _Entry) -> Sequence[_Entry]:
    """``listed`` with ``entry`` at its end, in the same list once there is one.

    Most of what a claim or line may have, it has not: an empty list of each would be half of all
    the memory that a file takes.
    """
    if isinstance(listed, list):
        listed.append(entry)
        return listed
    return [*listed, entry]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason of a CAS segment: group, claim adjustment reason code, amount, units."""

    group: str
    code: str
    amount_cents: int | None
    quantity: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A REF segment: what kind of number (REF01), and the number."""

    qualifier: str
    value: str


@dataclass(frozen=True, slots=True)
class Day:
    """A DTM segment: what kind of day (DTM01), as ISO text."""

    qualifier: str
    on: str


@dataclass(frozen=True, slots=True)
class Amount:
    """An AMT segment: what kind of amount (AMT01), in cents. It is in no balance."""

    qualifier: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A QTY segment: what is counted (QTY01), as written."""

    qualifier: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark code and the list it is of: ``HE`` (RARC), ``RX`` (NCPDP), ... (LQ01)."""

    code_list: str
    code: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A PER segment: whose desk (PER01), its name, and its numbers as (kind, number)."""

    function: str
    name: str
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """An NM1 segment: ``role`` QC, IL, 74, 82, TT, PR or GB; ``entity`` 1 person, 2 not."""

    role: str
    entity: str
    last: str
    first: str = ""
    middle: str = ""
    suffix: str = ""
    id_qualifier: str = ""
    identifier: str = ""

    @property
    def name(self) -> str:
        """First, middle, last, suffix."""
        return " ".join(part for part in (self.first, self.middle, self.last, self.suffix) if part)


@dataclass(frozen=True, slots=True)
class Address:
    """N3 and N4: street lines, city, state, ZIP, and country when it is said."""

    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A composite of SVC01 or SVC06: kind of code, code, modifiers, description."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A segment that has no place of its own in the model, kept element by element."""

    segment: str
    elements: tuple[str, ...]


@dataclass(slots=True)
class Service:
    """A service line (loop 2110). ``units`` are those paid, ``original`` what was sent."""

    where: str
    procedure: Procedure | None
    charged_cents: int | None
    paid_cents: int | None
    units: str
    revenue_code: str = ""
    original: Procedure | None = None
    original_units: str = ""
    adjustments: Sequence[Adjustment] = ()
    remarks: Sequence[Remark] = ()
    references: Sequence[Reference] = ()
    dates: Sequence[Day] = ()
    amounts: Sequence[Amount] = ()
    quantities: Sequence[Quantity] = ()
    others: Sequence[Other] = ()

    @property
    def service_on(self) -> str | None:
        """The day of the service, or its first."""
        return next((each.on for each in self.dates if each.qualifier in {"472", "150"}), None)

    @property
    def service_end_on(self) -> str | None:
        """The last day, where the service has several."""
        return next((each.on for each in self.dates if each.qualifier == "151"), None)

    @property
    def allowed_cents(self) -> int | None:
        """AMT B6."""
        found = (each.amount_cents for each in self.amounts if each.qualifier == "B6")
        return next(found, None)


@dataclass(slots=True)
class Claim:
    """A claim payment (loop 2100).

    ``share_unread``: CLP05 holds something that is no amount; else without it none is said.
    ``inpatient`` and ``outpatient`` hold MIA and MOA by element name (`era_medicare`); amounts
    are cents there, counts and rates text. ``header`` is the LX number that it stands under.
    """

    where: str
    patient_account: str
    status: str
    charged_cents: int | None
    paid_cents: int | None
    patient_responsibility_cents: int | None
    claim_number: str | None
    share_unread: bool = False
    filing_code: str = ""
    facility_code: str = ""
    frequency_code: str = ""
    drg_code: str = ""
    drg_weight: str = ""
    discharge_fraction: str = ""
    header: str = ""
    parties: Sequence[Party] = ()
    adjustments: Sequence[Adjustment] = ()
    inpatient: Mapping[str, int | str] | None = None
    outpatient: Mapping[str, int | str] | None = None
    remarks: Sequence[str] = ()
    references: Sequence[Reference] = ()
    dates: Sequence[Day] = ()
    contacts: Sequence[Contact] = ()
    amounts: Sequence[Amount] = ()
    quantities: Sequence[Quantity] = ()
    services: Sequence[Service] = ()
    others: Sequence[Other] = ()

    def party(self, role: str) -> Party | None:
        """The first NM1 of a role."""
        return next((each for each in self.parties if each.role == role), None)

    def date(self, qualifier: str) -> str | None:
        """The first DTM of a kind."""
        return next((each.on for each in self.dates if each.qualifier == qualifier), None)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB segment; a positive amount lowers the payment."""

    where: str
    code: str
    reference: str
    amount_cents: int | None
    provider: str = ""
    year_end_on: str = ""


@dataclass(slots=True)
class Organization:
    """The payer or the payee (loops 1000A and 1000B)."""

    name: str | None = None
    id_qualifier: str = ""
    identifier: str | None = None
    address: Address | None = None
    contacts: Sequence[Contact] = ()
    references: Sequence[Reference] = ()


@dataclass(slots=True)
class Transaction:
    """One payment: everything from ST to SE; ``version`` is 4010 or 5010, empty where unsaid."""

    where: str
    control_number: str
    version: str = ""
    handling_code: str = ""
    total_paid_cents: int | None = None
    debit: bool = False
    payment_method: str | None = None
    payment_on: str | None = None
    produced_on: str | None = None
    payment_number: str | None = None
    payer_identifier: str = ""
    payer_supplement: str = ""
    payer: Organization = field(default_factory=Organization)
    payee: Organization = field(default_factory=Organization)
    claims: list[Claim] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)
    references: Sequence[Reference] = ()
    others: Sequence[Other] = ()
    findings: list[Finding] = field(default_factory=list)

    @property
    def payee_npi(self) -> str | None:
        """The payee's NPI, where N103 says that it is one."""
        return self.payee.identifier if self.payee.id_qualifier == "XX" else None

    @property
    def payee_tax_id(self) -> str | None:
        """The payee's tax number: REF TJ, or N104 where it is one."""
        for each in self.payee.references:
            if each.qualifier == "TJ" and each.value:
                return each.value
        return self.payee.identifier if self.payee.id_qualifier in {"FI", "24", "34"} else None


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A balance rule that does not hold: where, what the parts give, what the file says.

    Either is None where an amount that it takes cannot be read.
    """

    rule: str
    where: str
    expected_cents: int | None
    found_cents: int | None

    @property
    def told(self) -> str:
        """A sentence for a person, with the cents."""
        if self.expected_cents is None or self.found_cents is None:
            return f"The {self.rule} cannot be balanced: an amount of it cannot be read."
        by = self.found_cents - self.expected_cents
        return (
            f"The {self.rule} does not balance: the parts give {self.expected_cents} cents, "
            f"the file says {self.found_cents} ({by:+d})."
        )


@dataclass(frozen=True, slots=True)
class Interchange:
    """A parsed file: its segments untouched, its payments, and the faults found."""

    document: Document
    transactions: tuple[Transaction, ...]
    findings: tuple[Finding, ...]

    def to_text(self) -> str:
        """The file exactly as it came."""
        return self.document.to_text()

    def to_bytes(self) -> bytes:
        """The file's bytes exactly as they came to `era835.read`."""
        return self.document.to_bytes()
