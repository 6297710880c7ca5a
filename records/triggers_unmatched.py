"""What the database itself refuses about returned items without a check: an end nobody named."""

from __future__ import annotations

from records.triggers import Rule, before_row

_FROZEN = ("id", "created_at", "ref", "bank_file_id", "bank_account_id", "number",
           "fingerprint", "amount_cents", "reason", "returned_on", "forwarded_on", "sealed",
           "entered_by")  # fmt: skip
_KEPT_SQLITE = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FROZEN)
_KEPT = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FROZEN)
_OTHER_AMOUNT = """NEW.note = '' AND NEW.amount_cents <> (SELECT amount_cents
              FROM returned_items WHERE id = NEW.returned_item_id)"""

UNMATCHED_RULES: tuple[Rule, ...] = (
    Rule(
        "unmatched_returns_frozen",
        sqlite=(
            """CREATE TRIGGER unmatched_returns_enter BEFORE INSERT ON unmatched_returns
            WHEN NEW.outcome <> '' OR EXISTS (SELECT 1 FROM unmatched_returns
              WHERE id = NEW.id OR ref = NEW.ref OR fingerprint = NEW.fingerprint)
            BEGIN SELECT RAISE(ABORT, 'a returned item enters open, and once'); END""",
            f"""CREATE TRIGGER unmatched_returns_frozen BEFORE UPDATE ON unmatched_returns
            WHEN OLD.outcome <> '' OR NEW.outcome = '' OR {_KEPT_SQLITE} OR ({_OTHER_AMOUNT})
            BEGIN SELECT RAISE(ABORT, 'a returned item ends once and says the same'); END""",
            """CREATE TRIGGER unmatched_returns_stay BEFORE DELETE ON unmatched_returns
            BEGIN SELECT RAISE(ABORT, 'what a bank returned is never deleted'); END""",
        ),
        postgresql=before_row(
            "unmatched_returns_frozen",
            f"""
            BEGIN
              IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'what a bank returned is never deleted'
                  USING ERRCODE = 'integrity_constraint_violation';
              ELSIF TG_OP = 'INSERT' THEN
                IF NEW.outcome <> '' THEN
                  RAISE EXCEPTION 'a returned item enters open, and once'
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
              ELSIF OLD.outcome <> '' OR NEW.outcome = '' OR {_KEPT} OR ({_OTHER_AMOUNT}) THEN
                RAISE EXCEPTION 'a returned item ends once and says the same'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
              RETURN NEW;
            END""",
            "unmatched_returns",
            "INSERT OR UPDATE OR DELETE",
        ),
    ),
)
