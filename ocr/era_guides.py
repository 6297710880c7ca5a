"""What each 835 guide lets a writer say: qualifiers, how often, and how long.

005010X221A1 and 004010X091A1; what a guide has no place for is left out and named, never forced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_BOTH_CLAIM_AMOUNTS = ("AU", "D8", "DY", "F5", "I", "NL", "T", "T2", "ZK", "ZL", "ZM", "ZN", "ZO")
_BOTH_CLAIM_COUNTS = ("CA", "CD", "LA", "LE", "NE", "NR", "OU", "PS", "VS",
                      "ZK", "ZL", "ZM", "ZN", "ZO")  # fmt: skip
_BOTH_FILING = ("12", "13", "14", "15", "16", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF",
                "TV", "VA", "WC", "ZZ")  # fmt: skip
_PAYEE_IDS = ("BD", "BS", "FI", "MC", "PC", "SL", "UP", "XX")
_CARRIER_IDS = ("AD", "FI", "NI", "PI", "PP", "XV")


@dataclass(frozen=True, slots=True)
class Some:
    """Qualifiers that may stand at one place, and how many segments with them."""

    qualifiers: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Guide:
    """One version: its numbers for ISA12, GS08 and ISA11, and what may stand where.

    References are in the order of the guide's segments; ``party_ids`` are the identification
    qualifiers of NM108 by role, ``widths`` the longest text by use.
    """

    interchange: str
    implementation: str
    repetition: str
    groups: tuple[str, ...]
    statuses: tuple[str, ...]
    filing: tuple[str, ...]
    payer_references: Some
    payee_references: Some
    claim_references: tuple[Some, ...]
    claim_dates: Some
    claim_contacts: int
    claim_amounts: Some
    claim_counts: Some
    line_references: tuple[Some, ...]
    line_amounts: Some
    line_counts: Some
    procedures: tuple[str, ...]
    description: bool
    party_ids: Mapping[str, tuple[str, ...]]
    widths: Mapping[str, int]
    address_needs_state: bool
    technical_contact: bool


_PROVIDERS = ("0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "G2")
_OLD_PROVIDERS = ("1A", "1B", "1C", "1D", "1G", "1H")
_SERVICE_IDS = ("1S", "BB", "E9", "G1", "G3", "LU", "RB")

GUIDES: dict[str, Guide] = {
    "5010": Guide(
        interchange="00501",
        implementation="005010X221A1",
        repetition="^",
        groups=("CO", "OA", "PI", "PR"),
        statuses=("1", "2", "3", "4", "19", "20", "21", "22", "23", "25"),
        filing=(*_BOTH_FILING, "17"),
        payer_references=Some(("2U", "EO", "HI", "NF"), 4),
        payee_references=Some(("0B", "D3", "PQ", "TJ"), 99),
        claim_references=(
            Some(("1L", "1W", "28", "6P", "9A", "9C", "BB", "CE", "EA", "F8", "G1", "G3", "IG",
                  "SY"), 5),
            Some((*_PROVIDERS, "LU"), 10),
        ),
        claim_dates=Some(("232", "233", "036", "050"), 4),
        claim_contacts=2,
        claim_amounts=Some(_BOTH_CLAIM_AMOUNTS, 13),
        claim_counts=Some(_BOTH_CLAIM_COUNTS, 14),
        line_references=(
            Some((*_SERVICE_IDS, "APC"), 8),
            Some(("6R",), 1),
            Some((*_PROVIDERS, "HPI", "SY", "TJ"), 10),
            Some(("0K",), 5),
        ),
        line_amounts=Some(("B6", "KH", "T", "T2", "ZK", "ZL", "ZM", "ZN", "ZO"), 9),
        line_counts=Some(("ZK", "ZL", "ZM", "ZN", "ZO"), 6),
        procedures=("AD", "ER", "HC", "HP", "IV", "N4", "N6", "NU", "UI", "WK"),
        description=False,
        party_ids={"QC": ("MI", "34", "HN", "II", "MR"), "IL": ("MI", "FI", "II"), "74": ("C",),
                   "82": _PAYEE_IDS, "TT": _CARRIER_IDS, "PR": _CARRIER_IDS,
                   "GB": ("MI", "FI", "II")},
        widths={"name": 60, "first": 35, "organization": 60, "trace": 50, "reference": 50,
                "claim_number": 50},
        address_needs_state=False,
        technical_contact=True,
    ),
    "4010": Guide(
        interchange="00401",
        implementation="004010X091A1",
        repetition="U",
        groups=("CO", "CR", "OA", "PI", "PR"),
        statuses=("1", "2", "3", "4", "5", "10", "13", "15", "16", "17", "19", "20", "21", "22",
                  "23", "25", "27"),
        filing=_BOTH_FILING,
        payer_references=Some(("2U", "EO", "HI", "NF"), 4),
        payee_references=Some(("0B", "1A", "1B", "1C", "1D", "1E", "1F", "1G", "1H", "D3", "G2",
                               "N5", "PQ", "TJ"), 99),
        claim_references=(
            Some(("1L", "1W", "9A", "9C", "A6", "BB", "CE", "EA", "F8", "G1", "G3", "IG", "SY"), 5),
            Some((*_OLD_PROVIDERS, "D3", "G2"), 10),
        ),
        claim_dates=Some(("036", "050", "232", "233"), 4),
        claim_contacts=3,
        claim_amounts=Some((*_BOTH_CLAIM_AMOUNTS, "ZZ"), 14),
        claim_counts=Some((*_BOTH_CLAIM_COUNTS, "NA"), 15),
        line_references=(
            Some((*_SERVICE_IDS, "6R"), 7),
            Some((*_OLD_PROVIDERS, "1J", "HPI", "SY", "TJ"), 10),
        ),
        line_amounts=Some(("B6", "DY", "KH", "NE", "T", "T2", "ZK", "ZL", "ZM", "ZN", "ZO"), 12),
        line_counts=Some(("NE", "ZK", "ZL", "ZM", "ZN", "ZO"), 6),
        procedures=("AD", "ER", "HC", "ID", "IV", "N4", "NU", "RB", "ZZ"),
        description=True,
        party_ids={"QC": ("MI", "34", "HN", "II", "MR"), "IL": ("MI", "34", "HN"), "74": ("C",),
                   "82": _PAYEE_IDS, "TT": _CARRIER_IDS, "PR": _CARRIER_IDS},
        widths={"name": 35, "first": 25, "organization": 60, "trace": 30, "reference": 30,
                "claim_number": 30},
        address_needs_state=True,
        technical_contact=False,
    ),
}  # fmt: skip
