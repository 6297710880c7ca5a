"""What an X12 835 holds: payments, claims, service lines, and all that is said of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from ocr.x12 import Document, Finding


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason of a CAS segment: group, claim adjustment reason code, amount, units."""

    group: str
    code: str
    amount_cents: int
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
    charged_cents: int
    paid_cents: int
    units: str
    revenue_code: str = ""
    original: Procedure | None = None
    original_units: str = ""
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    dates: list[Day] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

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

    ``inpatient`` and ``outpatient`` hold MIA and MOA by element name (`era_medicare`); amounts
    are cents there, counts and rates text. ``header`` is the LX number that it stands under.
    """

    where: str
    patient_account: str
    status: str
    charged_cents: int
    paid_cents: int
    patient_responsibility_cents: int | None
    claim_number: str | None
    filing_code: str = ""
    facility_code: str = ""
    frequency_code: str = ""
    drg_code: str = ""
    drg_weight: str = ""
    discharge_fraction: str = ""
    header: str = ""
    parties: list[Party] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    inpatient: dict[str, int | str] = field(default_factory=dict)
    outpatient: dict[str, int | str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    dates: list[Day] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

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
    amount_cents: int
    provider: str = ""
    year_end_on: str = ""


@dataclass(slots=True)
class Organization:
    """The payer or the payee (loops 1000A and 1000B)."""

    name: str | None = None
    id_qualifier: str = ""
    identifier: str | None = None
    address: Address | None = None
    contacts: list[Contact] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


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
    references: list[Reference] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
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
    """A balance rule that does not hold: where, what the parts give, what the file says."""

    rule: str
    where: str
    expected_cents: int
    found_cents: int


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
