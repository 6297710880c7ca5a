"""What the database itself refuses about balances that a bank told: any change."""

from __future__ import annotations

from records.triggers import Rule, append_only, no_replace

BALANCE_RULES: tuple[Rule, ...] = (
    append_only("bank_balances"),
    no_replace(
        "bank_balances",
        "id = NEW.id OR (bank_file_id = NEW.bank_file_id AND position = NEW.position)",
    ),
)
