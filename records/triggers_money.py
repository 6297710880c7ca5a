"""What the database itself refuses about money: deposits here, postings and bank lines beside.

Numbers are those of the invariants in the design. Every rule is written twice, once a dialect,
and attacked by tests with raw SQL. SQLite's INSERT OR REPLACE deletes the row it replaces without
firing its delete trigger, so keys that exist are refused before the conflict is resolved.
"""

from __future__ import annotations

from records.triggers import Rule, before_row
from records.triggers_evidence import EVIDENCE_RULES
from records.triggers_postings import POSTING_RULES

# 3 and 4: a check joins a deposit only while it is open, at its full amount, once a presentation.
_ITEM_ENTERS = Rule(
    "deposit_items_enter",
    sqlite=(
        """CREATE TRIGGER deposit_items_enter BEFORE INSERT ON deposit_items BEGIN
          SELECT RAISE(ABORT, 'the deposit is not open') WHERE NOT EXISTS
            (SELECT 1 FROM deposits WHERE id = NEW.deposit_id AND state = 'open');
          SELECT RAISE(ABORT, 'the check is in a deposit already') WHERE EXISTS
            (SELECT 1 FROM deposit_items WHERE id = NEW.id
                OR (payment_id = NEW.payment_id AND presentation = NEW.presentation));
          SELECT RAISE(ABORT, 'the item does not fit its check') WHERE NOT EXISTS
            (SELECT 1 FROM payments WHERE id = NEW.payment_id AND kind = 'check' AND live
                AND amount_cents = NEW.amount_cents AND presentation = NEW.presentation);
          SELECT RAISE(ABORT, 'a second presentation needs the return of the first')
            WHERE NEW.presentation <> 1 AND NOT EXISTS
            (SELECT 1 FROM returned_items WHERE payment_id = NEW.payment_id
                AND presentation = NEW.presentation - 1);
          SELECT RAISE(ABORT, 'the item is over the limit') WHERE EXISTS
            (SELECT 1 FROM deposits d JOIN bank_accounts b ON b.id = d.bank_account_id
                WHERE d.id = NEW.deposit_id AND NEW.amount_cents > b.item_limit_cents);
        END""",
    ),
    postgresql=before_row(
        "deposit_items_enter",
        """
        DECLARE held text; item_limit bigint;
        BEGIN
          SELECT d.state, b.item_limit_cents INTO held, item_limit FROM deposits d
            JOIN bank_accounts b ON b.id = d.bank_account_id
            WHERE d.id = NEW.deposit_id FOR SHARE OF d;
          IF held IS DISTINCT FROM 'open' THEN
            RAISE EXCEPTION 'the deposit is not open'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          PERFORM 1 FROM payments WHERE id = NEW.payment_id AND kind = 'check' AND live
            AND amount_cents = NEW.amount_cents AND presentation = NEW.presentation FOR SHARE;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'the item does not fit its check'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.presentation <> 1 AND NOT EXISTS (SELECT 1 FROM returned_items
              WHERE payment_id = NEW.payment_id AND presentation = NEW.presentation - 1) THEN
            RAISE EXCEPTION 'a second presentation needs the return of the first'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.amount_cents > item_limit THEN
            RAISE EXCEPTION 'the item is over the limit'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "deposit_items",
        "INSERT",
    ),
)

# 4: items of a deposit never change, and leave it only while it is open.
_ITEM_STAYS = Rule(
    "deposit_items_frozen",
    sqlite=(
        """CREATE TRIGGER deposit_items_no_update BEFORE UPDATE ON deposit_items
        BEGIN SELECT RAISE(ABORT, 'a deposit item is never changed'); END""",
        """CREATE TRIGGER deposit_items_leave BEFORE DELETE ON deposit_items
        WHEN NOT EXISTS (SELECT 1 FROM deposits WHERE id = OLD.deposit_id AND state = 'open')
        BEGIN SELECT RAISE(ABORT, 'the deposit is frozen'); END""",
    ),
    postgresql=(
        *before_row(
            "deposit_items_frozen",
            """
            DECLARE held text;
            BEGIN
              IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION 'a deposit item is never changed'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              SELECT state INTO held FROM deposits WHERE id = OLD.deposit_id FOR SHARE;
              IF held IS DISTINCT FROM 'open' THEN
                RAISE EXCEPTION 'the deposit is frozen'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN OLD;
            END""",
            "deposit_items",
            "UPDATE OR DELETE",
        ),
    ),
)

# A check's amount is what its deposit item says, for as long as it is in one.
_AMOUNT_STAYS = Rule(
    "payments_amount_frozen",
    sqlite=(
        """CREATE TRIGGER payments_amount_frozen BEFORE UPDATE OF amount_cents ON payments
        WHEN NEW.amount_cents IS NOT OLD.amount_cents
          AND EXISTS (SELECT 1 FROM deposit_items WHERE payment_id = OLD.id)
        BEGIN SELECT RAISE(ABORT, 'the amount of a check in a deposit is frozen'); END""",
    ),
    postgresql=before_row(
        "payments_amount_frozen",
        """
        BEGIN
          IF NEW.amount_cents IS DISTINCT FROM OLD.amount_cents
             AND EXISTS (SELECT 1 FROM deposit_items WHERE payment_id = OLD.id) THEN
            RAISE EXCEPTION 'the amount of a check in a deposit is frozen'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "payments",
        "UPDATE OF amount_cents",
    ),
)

_DEPOSIT_STARTS = Rule(
    "deposits_start_open",
    sqlite=(
        """CREATE TRIGGER deposits_start_open BEFORE INSERT ON deposits
        WHEN NEW.state <> 'open' OR EXISTS
          (SELECT 1 FROM deposits WHERE id = NEW.id OR ref = NEW.ref)
        BEGIN SELECT RAISE(ABORT, 'a deposit starts open and new'); END""",
        """CREATE TRIGGER deposits_stay BEFORE DELETE ON deposits
        BEGIN SELECT RAISE(ABORT, 'a deposit is never deleted'); END""",
    ),
    postgresql=before_row(
        "deposits_start_open",
        """
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a deposit is never deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          ELSIF NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a deposit starts open and new'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "deposits",
        "INSERT OR DELETE",
    ),
)

_STEPS = """((OLD.state = 'open' AND NEW.state IN ('closed', 'cancelled'))
          OR (OLD.state = 'closed' AND NEW.state IN ('approved', 'open'))
          OR (OLD.state = 'approved' AND NEW.state IN ('exported', 'credited'))
          OR (OLD.state = 'exported' AND NEW.state = 'credited'))"""
_COUNT = "(SELECT count(*) FROM deposit_items WHERE deposit_id = NEW.id)"
_SUM = "(SELECT coalesce(sum(amount_cents), 0) FROM deposit_items WHERE deposit_id = NEW.id)"
_DAY = """(SELECT coalesce(sum(d.declared_total_cents), 0) FROM deposits d
            WHERE d.bank_account_id = NEW.bank_account_id AND d.business_on = NEW.business_on
              AND d.state IN ('closed', 'approved', 'exported', 'credited') AND d.id <> NEW.id)"""
# 10: who keyed, confirmed, or gave the amount of any check in it, or closed it.
_TOUCHED = """(NEW.approved_by IS NULL OR substr(NEW.approved_by, 1, 5) <> 'user:'
          OR NEW.approved_by = OLD.closed_by
          OR EXISTS (SELECT 1 FROM deposit_items i JOIN keyed_values k
                ON k.payment_id = i.payment_id
                WHERE i.deposit_id = NEW.id AND k.actor = NEW.approved_by)
          OR EXISTS (SELECT 1 FROM deposit_items i JOIN decisions d
                ON d.payment_id = i.payment_id
                WHERE i.deposit_id = NEW.id AND d.outcome = 'confirmed'
                  AND d.actor = NEW.approved_by)
          OR EXISTS (SELECT 1 FROM deposit_items i JOIN payments p ON p.id = i.payment_id
                WHERE i.deposit_id = NEW.id AND p.amount_by = NEW.approved_by))"""

# 4 and 10: a deposit moves by its table, closes only when it counts right, and is then frozen.
_DEPOSIT_MOVES = Rule(
    "deposits_move",
    sqlite=(
        f"""CREATE TRIGGER deposits_move BEFORE UPDATE ON deposits BEGIN
          SELECT RAISE(ABORT, 'a deposit keeps its number, account and opener')
            WHERE NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.opened_by <> OLD.opened_by
               OR NEW.bank_account_id <> OLD.bank_account_id;
          SELECT RAISE(ABORT, 'this step of the deposit is not allowed')
            WHERE NEW.state <> OLD.state AND NOT {_STEPS};
          SELECT RAISE(ABORT, 'the deposit is frozen')
            WHERE OLD.state <> 'open' AND NEW.state <> 'open' AND
               (NEW.declared_count IS NOT OLD.declared_count
                OR NEW.declared_total_cents IS NOT OLD.declared_total_cents
                OR NEW.business_on IS NOT OLD.business_on
                OR NEW.closed_by IS NOT OLD.closed_by);
          SELECT RAISE(ABORT, 'the approval is frozen')
            WHERE NEW.approved_by IS NOT OLD.approved_by
              AND NOT (OLD.state = 'closed' AND NEW.state = 'approved');
          SELECT RAISE(ABORT, 'only an empty deposit can be cancelled')
            WHERE NEW.state = 'cancelled' AND {_COUNT} > 0;
          SELECT RAISE(ABORT, 'the declared count and total are not those of the items')
            WHERE OLD.state = 'open' AND NEW.state = 'closed' AND
               (NEW.closed_by IS NULL OR {_COUNT} = 0
                OR NEW.declared_count IS NOT {_COUNT}
                OR NEW.declared_total_cents IS NOT {_SUM});
          SELECT RAISE(ABORT, 'the deposit is over the limit')
            WHERE OLD.state = 'open' AND NEW.state = 'closed' AND EXISTS
              (SELECT 1 FROM bank_accounts b WHERE b.id = NEW.bank_account_id AND
                (NEW.declared_total_cents > b.deposit_limit_cents
                 OR NEW.declared_total_cents + {_DAY} > b.day_limit_cents));
          SELECT RAISE(ABORT, 'the approver has worked on this deposit')
            WHERE OLD.state = 'closed' AND NEW.state = 'approved' AND {_TOUCHED};
        END""",  # noqa: S608 - constants
    ),
    postgresql=before_row(
        "deposits_move",
        f"""
        DECLARE most_deposit bigint; most_day bigint;
        BEGIN
          IF NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.opened_by <> OLD.opened_by
             OR NEW.bank_account_id <> OLD.bank_account_id THEN
            RAISE EXCEPTION 'a deposit keeps its number, account and opener'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.state <> OLD.state AND NOT {_STEPS} THEN
            RAISE EXCEPTION 'this step of the deposit is not allowed'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF OLD.state <> 'open' AND NEW.state <> 'open' AND
             (NEW.declared_count IS DISTINCT FROM OLD.declared_count
              OR NEW.declared_total_cents IS DISTINCT FROM OLD.declared_total_cents
              OR NEW.business_on IS DISTINCT FROM OLD.business_on
              OR NEW.closed_by IS DISTINCT FROM OLD.closed_by) THEN
            RAISE EXCEPTION 'the deposit is frozen'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.approved_by IS DISTINCT FROM OLD.approved_by
             AND NOT (OLD.state = 'closed' AND NEW.state = 'approved') THEN
            RAISE EXCEPTION 'the approval is frozen'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.state = 'cancelled' AND {_COUNT} > 0 THEN
            RAISE EXCEPTION 'only an empty deposit can be cancelled'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF OLD.state = 'open' AND NEW.state = 'closed' THEN
            IF NEW.closed_by IS NULL OR {_COUNT} = 0
               OR NEW.declared_count IS DISTINCT FROM {_COUNT}
               OR NEW.declared_total_cents IS DISTINCT FROM {_SUM} THEN
              RAISE EXCEPTION 'the declared count and total are not those of the items'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            -- held, so that two deposits of one day do not both fit below its limit
            SELECT deposit_limit_cents, day_limit_cents INTO most_deposit, most_day
              FROM bank_accounts WHERE id = NEW.bank_account_id FOR NO KEY UPDATE;
            IF NEW.declared_total_cents > most_deposit
               OR NEW.declared_total_cents + {_DAY} > most_day THEN
              RAISE EXCEPTION 'the deposit is over the limit'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          END IF;
          IF OLD.state = 'closed' AND NEW.state = 'approved' AND {_TOUCHED} THEN
            RAISE EXCEPTION 'the approver has worked on this deposit'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",  # noqa: S608 - constants
        "deposits",
        "UPDATE",
    ),
)

DEPOSIT_RULES: tuple[Rule, ...] = (
    _ITEM_ENTERS,
    _ITEM_STAYS,
    _AMOUNT_STAYS,
    _DEPOSIT_STARTS,
    _DEPOSIT_MOVES,
)

MONEY_RULES: tuple[Rule, ...] = (*DEPOSIT_RULES, *POSTING_RULES, *EVIDENCE_RULES)
"""All rules of this file and of those beside it; for ``triggers.create_all``."""

SQLITE: tuple[str, ...] = tuple(text for rule in MONEY_RULES for text in rule.sqlite)
POSTGRESQL: tuple[str, ...] = tuple(text for rule in MONEY_RULES for text in rule.postgresql)
