"""What the database itself refuses of addresses: to change one, or a confidential one's row.

That a confidential address is not replaced stands in ``triggers_returned``.
"""

from __future__ import annotations

from records.triggers import Rule, append_only, no_replace
from records.triggers_evidence import stays

# Everything but ``bad_since`` and the verification. The box is JSON, which PostgreSQL compares
# with nothing; it goes with its page.
ADDRESS_STAYS = stays(
    "address_versions",
    "address_versions_frozen",
    "an address is never changed, a new one is a new version",
    ("id", "created_at", "account_id", "version", "street", "city", "state", "zip", "source",
     "confirmed_by", "evidence_document_id", "care_of", "evidence_page", "confidence",
     "valid_from"),
)  # fmt: skip

ADDRESS_RULES: tuple[Rule, ...] = (
    stays(
        "confidential_addresses",
        "confidential_addresses_frozen",
        "a confidential address ends, and is never changed",
        ("id", "created_at", "account_id", "address_version_id", "asked_by"),
        "(OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)",
    ),
    no_replace("confidential_addresses", "id = NEW.id", "has this row already"),
    append_only("address_sends"),
    no_replace("address_sends", "id = NEW.id"),
)
