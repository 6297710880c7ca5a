"""What the database itself refuses about how many checks a deposit holds (invariant 4)."""

from __future__ import annotations

from records.triggers import Rule, before_row

_HELD = "(SELECT count(*) FROM deposit_items WHERE deposit_id = NEW.deposit_id)"

_ENTERS = Rule(
    "deposit_items_count",
    sqlite=(
        f"""CREATE TRIGGER deposit_items_count BEFORE INSERT ON deposit_items
        WHEN EXISTS (SELECT 1 FROM deposits d JOIN bank_accounts b ON b.id = d.bank_account_id
          WHERE d.id = NEW.deposit_id AND {_HELD} >= b.item_count_limit)
        BEGIN SELECT RAISE(ABORT, 'the deposit holds as many checks as it may'); END""",  # noqa: S608 - constants
    ),
    postgresql=before_row(
        "deposit_items_count",
        f"""
        DECLARE most bigint;
        BEGIN
          SELECT b.item_count_limit INTO most FROM deposits d
            JOIN bank_accounts b ON b.id = d.bank_account_id WHERE d.id = NEW.deposit_id;
          IF most IS NOT NULL THEN
            -- held, so that two checks that come in at once do not both take the last place
            PERFORM 1 FROM deposits WHERE id = NEW.deposit_id FOR NO KEY UPDATE;
            IF {_HELD} >= most THEN
              RAISE EXCEPTION 'the deposit holds as many checks as it may'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          END IF;
          RETURN NEW;
        END""",  # noqa: S608 - constants
        "deposit_items",
        "INSERT",
    ),
)

_OVER = """SELECT 1 FROM bank_accounts b
          WHERE b.id = NEW.bank_account_id AND NEW.declared_count > b.item_count_limit"""
_CLOSES = Rule(
    "deposits_count",
    sqlite=(
        f"""CREATE TRIGGER deposits_count BEFORE UPDATE OF state ON deposits
        WHEN OLD.state = 'open' AND NEW.state = 'closed' AND EXISTS ({_OVER})
        BEGIN SELECT RAISE(ABORT, 'the deposit holds more checks than it may'); END""",
    ),
    postgresql=before_row(
        "deposits_count",
        f"""
        BEGIN
          IF OLD.state = 'open' AND NEW.state = 'closed' AND EXISTS ({_OVER}) THEN
            RAISE EXCEPTION 'the deposit holds more checks than it may'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "deposits",
        "UPDATE OF state",
    ),
)

COUNT_RULES: tuple[Rule, ...] = (_ENTERS, _CLOSES)
