"""What the database itself refuses about checks kept out of deposits: an end nobody recorded."""

from __future__ import annotations

from records.triggers import Rule, before_row

_FROZEN = ("id", "created_at", "payment_id", "reason", "set_by", "until_on")
_KEPT_SQLITE = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FROZEN)
_KEPT = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FROZEN)

_ROWS = Rule(
    "deposit_exceptions_frozen",
    sqlite=(
        """CREATE TRIGGER deposit_exceptions_enter BEFORE INSERT ON deposit_exceptions
        WHEN EXISTS (SELECT 1 FROM deposit_exceptions WHERE id = NEW.id
          OR (payment_id = NEW.payment_id AND outcome = '' AND NEW.outcome = ''))
        BEGIN SELECT RAISE(ABORT, 'the check is kept out already'); END""",
        f"""CREATE TRIGGER deposit_exceptions_frozen BEFORE UPDATE ON deposit_exceptions
        WHEN OLD.outcome <> '' OR NEW.outcome = '' OR {_KEPT_SQLITE}
        BEGIN SELECT RAISE(ABORT, 'an exception ends once and never changes'); END""",
        """CREATE TRIGGER deposit_exceptions_stay BEFORE DELETE ON deposit_exceptions
        BEGIN SELECT RAISE(ABORT, 'an exception is never deleted'); END""",
    ),
    postgresql=before_row(
        "deposit_exceptions_frozen",
        f"""
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'an exception is never deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          ELSIF OLD.outcome <> '' OR NEW.outcome = '' OR {_KEPT} THEN
            RAISE EXCEPTION 'an exception ends once and never changes'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "deposit_exceptions",
        "UPDATE OR DELETE",
    ),
)

_OPEN = "SELECT 1 FROM deposit_exceptions WHERE payment_id = NEW.id AND outcome = ''"
# A check is out of deposits exactly while something says why, or after a recorded end.
_WAYS = Rule(
    "payments_kept_out",
    sqlite=(
        f"""CREATE TRIGGER payments_kept_out BEFORE UPDATE OF deposit_state ON payments
        WHEN NEW.deposit_state <> OLD.deposit_state BEGIN
          SELECT RAISE(ABORT, 'nothing says why the check is not deposited')
            WHERE NEW.deposit_state = 'not_deposited' AND NOT EXISTS
              ({_OPEN} AND reason = NEW.not_deposited_reason);
          SELECT RAISE(ABORT, 'nothing says why the check comes back')
            WHERE OLD.deposit_state = 'not_deposited' AND EXISTS ({_OPEN});
        END""",
    ),
    postgresql=before_row(
        "payments_kept_out",
        f"""
        BEGIN
          IF NEW.deposit_state <> OLD.deposit_state THEN
            IF NEW.deposit_state = 'not_deposited' AND NOT EXISTS
                ({_OPEN} AND reason = NEW.not_deposited_reason) THEN
              RAISE EXCEPTION 'nothing says why the check is not deposited'
                USING ERRCODE = 'integrity_constraint_violation';
            ELSIF OLD.deposit_state = 'not_deposited' AND EXISTS ({_OPEN}) THEN
              RAISE EXCEPTION 'nothing says why the check comes back'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          END IF;
          RETURN NEW;
        END""",
        "payments",
        "UPDATE OF deposit_state",
    ),
)

EXCEPTION_RULES: tuple[Rule, ...] = (_ROWS, _WAYS)
