"""What the database itself refuses about held parts: other cents, a second end, no part behind."""

from __future__ import annotations

from records.triggers import Rule, before_row

_FROZEN = ("id", "created_at", "ref", "payment_id", "allocation_id", "office_id", "reason",
           "label", "amount_cents", "held_by", "sealed")  # fmt: skip
_KEPT_SQLITE = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FROZEN)
_KEPT = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FROZEN)
# The held part is a live part of its payment that is nobody's, or an account's without a charge.
_IS_PART = """EXISTS (SELECT 1 FROM allocations a WHERE a.id = NEW.allocation_id
            AND a.payment_id = NEW.payment_id AND a.live AND a.amount_cents = NEW.amount_cents
            AND a.destination IN ('unidentified', 'unapplied'))"""
_STILL_LIVE = "EXISTS (SELECT 1 FROM allocations a WHERE a.id = NEW.allocation_id AND a.live)"

HELD_RULES: tuple[Rule, ...] = (
    Rule(
        "held_parts_frozen",
        sqlite=(
            f"""CREATE TRIGGER held_parts_enter BEFORE INSERT ON held_parts
            WHEN NEW.state <> 'open' OR NOT {_IS_PART} OR EXISTS (SELECT 1 FROM held_parts
              WHERE id = NEW.id OR ref = NEW.ref OR allocation_id = NEW.allocation_id)
            BEGIN SELECT RAISE(ABORT, 'a held part enters open, once, with its cents'); END""",  # noqa: S608 - constants
            f"""CREATE TRIGGER held_parts_frozen BEFORE UPDATE ON held_parts
            WHEN OLD.state <> 'open' OR {_KEPT_SQLITE}
              OR (NEW.state <> 'open' AND {_STILL_LIVE})
            BEGIN SELECT RAISE(ABORT, 'a held part ends once, with its part'); END""",
            """CREATE TRIGGER held_parts_stay BEFORE DELETE ON held_parts
            BEGIN SELECT RAISE(ABORT, 'what was held is never deleted'); END""",
        ),
        postgresql=before_row(
            "held_parts_frozen",
            f"""
            BEGIN
              IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'what was held is never deleted'
                  USING ERRCODE = 'integrity_constraint_violation';
              ELSIF TG_OP = 'INSERT' THEN
                IF NEW.state <> 'open' OR NOT {_IS_PART} THEN
                  RAISE EXCEPTION 'a held part enters open, once, with its cents'
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
              ELSIF OLD.state <> 'open' OR {_KEPT} OR (NEW.state <> 'open' AND {_STILL_LIVE}) THEN
                RAISE EXCEPTION 'a held part ends once, with its part'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END""",
            "held_parts",
            "INSERT OR UPDATE OR DELETE",
        ),
    ),
    Rule(
        "held_parts_never_emptied",
        (),
        (
            """CREATE TRIGGER held_parts_never_emptied BEFORE TRUNCATE ON held_parts
            FOR EACH STATEMENT EXECUTE FUNCTION money_never_emptied()""",
        ),
    ),
)  # fmt: skip
