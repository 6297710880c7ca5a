"""Values that checking an image cash letter gives: findings, profiles, running totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a bank would refuse or question; ``record`` counts records from 1."""

    code: str
    record: int
    field: str
    message: str

    def to_json(self) -> dict[str, Any]:
        """The contract's ``{code, record, field, message}``."""
        return {
            "code": self.code, "record": self.record, "field": self.field,
            "message": self.message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """What one bank wants beyond the standard, where banks differ.

    ``credits_counted``: whether credits (61, 62) count as items in 70, 90 and 99; None takes
    either. ``images_required``: every check has a front and a back. ``tiff``: images follow
    X9.100-181. ``credit_routing_exempt``: the routing number of credits is a bank's constant.
    """

    name: str
    credits_counted: bool | None = None
    images_required: bool = True
    tiff: bool = True
    credit_routing_exempt: bool = True
    bundle_items: int = 300
    item_cents: int = 9_999_999_999


STANDARD = Profile("standard")
PROFILES: Mapping[str, Profile] = {
    "standard": STANDARD,
    "credits_counted": Profile("credits_counted", credits_counted=True),
    "credits_excluded": Profile("credits_excluded", credits_counted=False),
    "records_only": Profile("records_only", images_required=False, tiff=False),
}
"""Profiles by name, for ``icl check --profile``."""


@dataclass(slots=True)
class Totals:
    """Running figures of one level: bundle, cash letter or file.

    ``items`` are checks and returns, ``credits`` 61 and 62; ``cents`` are of items only.
    ``images`` counts pairs of 50 and 52; ``valid_cents`` are items whose MICR was good.
    """

    items: int = 0
    credits: int = 0
    cents: int = 0
    credit_cents: int = 0
    valid_cents: int = 0
    images: int = 0
    children: int = 0
    credits_included: bool = False

    def add(self, other: Totals) -> None:
        """Take a finished lower level in."""
        self.items += other.items
        self.credits += other.credits
        self.cents += other.cents
        self.credit_cents += other.credit_cents
        self.valid_cents += other.valid_cents
        self.images += other.images
        self.children += 1
