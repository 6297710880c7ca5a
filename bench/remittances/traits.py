"""What a payer's layout prints and what its facts may hold, so that the page says the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Reasons = Literal["grouped", "carc", "own", "none"]
"""How reasons stand beside amounts: ``CO-45``, ``45``, the payer's own code, or not at all."""

Special = Literal[
    "reversal", "takeback", "interest", "secondary", "denial", "zero_pay", "long", "several"
]
EVERY: frozenset[Special] = frozenset(
    {"reversal", "takeback", "interest", "secondary", "denial", "zero_pay", "long", "several"}
)
WHO = frozenset({"patient_name", "member_id", "patient_account", "claim_number", "provider_name"})
SHARES = frozenset({"PR-1", "PR-2", "PR-3"})


@dataclass(frozen=True, slots=True)
class Traits:
    """A layout's limits.

    ``reasons`` is how reasons that have codes are printed; ``columns`` names the adjustments that
    are columns of their own (as ``PR-1``), printed without a code. ``coded`` are all others that
    its facts may hold beside these; a share that is neither is printed in the patient's share
    only. ``most_coded`` limits the coded ones a line. ``plb_code`` tells whether a provider
    adjustment shows its code.
    """

    catalogue: Literal["dental", "medical"]
    reasons: Reasons = "grouped"
    columns: frozenset[str] = frozenset()
    coded: frozenset[str] = frozenset({"CO-45", "PR-1", "PR-2", "PR-3", "PR-96"})
    most_coded: int = 3
    hidden_shares: frozenset[str] = frozenset()
    allowed: bool = True
    share: bool = True
    who: frozenset[str] = WHO
    modifiers: bool = False
    tooth: bool = False
    units: bool = False
    ranges: bool = False
    remarks: bool = False
    status: bool = False
    plb_code: bool = True
    specials: frozenset[Special] = EVERY
    most_lines: int = 30
    own: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def may_hold(self) -> frozenset[str]:
        """All adjustments the facts may have."""
        return self.columns | self.coded | self.hidden_shares
