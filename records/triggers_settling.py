"""What the database itself refuses about settling (invariant 8), since a line may settle several.

A credit may settle several deposits, each wholly, or one deposit be settled by several credits;
never both. The same holds of the payments that 835s announce, without a difference. A debit may
settle several returned items of its account, each wholly. What is taken of a line or a deposit
never exceeds it, and neither is done before it is taken wholly. These rules stand in place of
``settlements_fit`` in ``triggers_postings``.
"""

from __future__ import annotations

from records.triggers import Rule, before_row

_ONE_THING = """((NEW.deposit_id IS NOT NULL)::int + (NEW.returned_item_id IS NOT NULL)::int
            + (NEW.payment_id IS NOT NULL)::int + (NEW.explanation <> '')::int) = 1"""
_ONE_THING_SQLITE = _ONE_THING.replace("::int", "")
_OF_LINE = """(SELECT coalesce(sum(s.amount_cents), 0) FROM settlements s
              WHERE s.bank_line_id = NEW.bank_line_id)"""
_OF_DEPOSIT = """(SELECT coalesce(sum(s.amount_cents - s.difference_cents), 0) FROM settlements s
              WHERE s.deposit_id = NEW.deposit_id)"""
_NET = "(NEW.amount_cents - NEW.difference_cents)"
# Several returned items may take one debit, each wholly; what makes the line whole names the
# difference.
_GIVES_BACK = f"""EXISTS (SELECT 1 FROM bank_lines l, returned_items r, payments p, offices o
              WHERE l.id = NEW.bank_line_id AND r.id = NEW.returned_item_id
                AND p.id = r.payment_id AND o.id = p.office_id
                AND l.bank_account_id = o.bank_account_id AND l.direction = 'debit'
                AND l.state = 'unmatched' AND {_NET} = r.amount_cents
                AND NEW.amount_cents + {_OF_LINE} <= l.amount_cents
                AND (NEW.difference_cents = 0
                     OR NEW.amount_cents + {_OF_LINE} = l.amount_cents)
                AND NOT EXISTS (SELECT 1 FROM settlements s
                    WHERE s.bank_line_id = l.id AND s.returned_item_id IS NULL))"""  # noqa: S608 - constants
_OF_PAYMENT = """(SELECT coalesce(sum(s.amount_cents - s.difference_cents), 0)
              FROM settlements s WHERE s.payment_id = NEW.payment_id)"""
# Several announced payments of one credit, or several credits of one: each in whole on one side.
_TOGETHER = f"""EXISTS (SELECT 1 FROM bank_lines l, payments p, offices o
              WHERE l.id = NEW.bank_line_id AND p.id = NEW.payment_id AND o.id = p.office_id
                AND l.bank_account_id = o.bank_account_id AND l.direction = 'credit'
                AND l.state = 'unmatched' AND p.kind = 'eft' AND p.deposit_state = 'electronic'
                AND NEW.difference_cents = 0
                AND NEW.amount_cents + {_OF_LINE} <= l.amount_cents
                AND NEW.amount_cents + {_OF_PAYMENT} <= p.amount_cents
                AND (NEW.amount_cents = l.amount_cents OR NEW.amount_cents = p.amount_cents)
                AND NOT EXISTS (SELECT 1 FROM settlements s
                    WHERE s.bank_line_id = l.id AND s.payment_id IS NULL))"""  # noqa: S608 - constants
# All of the line or all of the deposit: what is in parts on one side is whole on the other. A
# difference is named once, by the credit that makes the deposit whole.
_FITS = f"""(EXISTS (SELECT 1 FROM bank_lines l, deposits d
              WHERE l.id = NEW.bank_line_id AND d.id = NEW.deposit_id
                AND l.bank_account_id = d.bank_account_id AND l.direction = 'credit'
                AND l.state = 'unmatched' AND d.state IN ('approved', 'exported')
                AND NEW.amount_cents + {_OF_LINE} <= l.amount_cents
                AND {_NET} + {_OF_DEPOSIT} <= d.declared_total_cents
                AND (NEW.difference_cents = 0
                     OR {_NET} + {_OF_DEPOSIT} = d.declared_total_cents)
                AND (NEW.amount_cents = l.amount_cents OR {_NET} = d.declared_total_cents))
          OR EXISTS (SELECT 1 FROM bank_lines l
              WHERE l.id = NEW.bank_line_id AND l.state = 'unmatched'
                AND NEW.amount_cents = l.amount_cents
                AND NOT EXISTS (SELECT 1 FROM settlements s WHERE s.bank_line_id = l.id)
                AND ((NEW.explanation <> '' AND NEW.difference_cents = 0)
                  OR EXISTS (SELECT 1 FROM payments p
                      WHERE p.id = NEW.payment_id AND p.kind = 'eft' AND l.direction = 'credit'
                        AND {_OF_PAYMENT} = 0
                        AND NEW.difference_cents = l.amount_cents - p.amount_cents)))
          OR {_TOGETHER}
          OR {_GIVES_BACK})"""  # noqa: S608 - constants

SETTLES = Rule(
    "settlements_fit",
    sqlite=(
        f"""CREATE TRIGGER settlements_fit BEFORE INSERT ON settlements BEGIN
          SELECT RAISE(ABORT, 'this is settled already') WHERE EXISTS
            (SELECT 1 FROM settlements WHERE id = NEW.id
               OR (bank_line_id = NEW.bank_line_id AND deposit_id = NEW.deposit_id)
               OR (bank_line_id = NEW.bank_line_id AND payment_id = NEW.payment_id)
               OR returned_item_id = NEW.returned_item_id);
          SELECT RAISE(ABORT, 'a bank line settles what fits it, and no more')
            WHERE NOT ({_ONE_THING_SQLITE}) OR NOT {_FITS};
        END""",  # noqa: S608 - constants
        """CREATE TRIGGER settlements_stay BEFORE UPDATE ON settlements
        BEGIN SELECT RAISE(ABORT, 'a settlement is never changed'); END""",
        """CREATE TRIGGER settlements_leave BEFORE DELETE ON settlements
        WHEN OLD.explanation = ''
        BEGIN SELECT RAISE(ABORT, 'only an explanation can be taken back'); END""",
    ),
    # The function of the rule before is replaced; its trigger calls the new one.
    postgresql=(
        before_row(
            "settlements_fit",
            f"""
            BEGIN
              IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION 'a settlement is never changed'
                  USING ERRCODE = 'integrity_constraint_violation';
              ELSIF TG_OP = 'DELETE' THEN
                IF OLD.explanation = '' THEN
                  RAISE EXCEPTION 'only an explanation can be taken back'
                    USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN OLD;
              END IF;
              -- held, so that what two settlements take together is seen by one of them
              PERFORM 1 FROM bank_lines WHERE id = NEW.bank_line_id FOR NO KEY UPDATE;
              PERFORM 1 FROM deposits WHERE id = NEW.deposit_id FOR NO KEY UPDATE;
              PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR NO KEY UPDATE;
              IF NOT ({_ONE_THING}) OR NOT {_FITS} THEN
                RAISE EXCEPTION 'a bank line settles what fits it, and no more'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END""",
            "settlements",
            "INSERT OR UPDATE OR DELETE",
        )[0],
    ),
)

_LINE_TAKEN = """EXISTS (SELECT 1 FROM settlements s WHERE s.bank_line_id = NEW.id
              AND s.explanation = '')
            AND NEW.amount_cents = (SELECT sum(s.amount_cents) FROM settlements s
              WHERE s.bank_line_id = NEW.id)"""
_LINE_NAMED = """EXISTS (SELECT 1 FROM settlements s WHERE s.bank_line_id = NEW.id
              AND s.explanation <> '')"""
_LINE_BARE = "NOT EXISTS (SELECT 1 FROM settlements s WHERE s.bank_line_id = NEW.id)"
_LINE_IS = f"""((NEW.state = 'settled' AND {_LINE_TAKEN})
            OR (NEW.state = 'explained' AND {_LINE_NAMED})
            OR (NEW.state = 'unmatched' AND {_LINE_BARE}))"""

_LINE_WHOLE = Rule(
    "bank_lines_whole",
    sqlite=(
        f"""CREATE TRIGGER bank_lines_whole BEFORE UPDATE OF state ON bank_lines
        WHEN NEW.state <> OLD.state AND NOT {_LINE_IS}
        BEGIN SELECT RAISE(ABORT, 'a bank line is settled by what takes all of it'); END""",
    ),
    postgresql=before_row(
        "bank_lines_whole",
        f"""
        BEGIN
          IF NEW.state <> OLD.state AND NOT {_LINE_IS} THEN
            RAISE EXCEPTION 'a bank line is settled by what takes all of it'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "bank_lines",
        "UPDATE OF state",
    ),
)

_COVERED = """NEW.declared_total_cents = (SELECT coalesce(sum(s.amount_cents - s.difference_cents),
              -1) FROM settlements s WHERE s.deposit_id = NEW.id)"""

_DEPOSIT_WHOLE = Rule(
    "deposits_whole",
    sqlite=(
        f"""CREATE TRIGGER deposits_whole BEFORE UPDATE OF state ON deposits
        WHEN NEW.state = 'credited' AND OLD.state <> 'credited' AND NOT ({_COVERED})
        BEGIN SELECT RAISE(ABORT, 'a deposit is credited when the bank has paid all of it'); END""",
    ),
    postgresql=before_row(
        "deposits_whole",
        f"""
        BEGIN
          IF NEW.state = 'credited' AND OLD.state <> 'credited' AND NOT ({_COVERED}) THEN
            RAISE EXCEPTION 'a deposit is credited when the bank has paid all of it'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "deposits",
        "UPDATE OF state",
    ),
)

_PAID = """(NEW.kind <> 'eft' OR NEW.amount_cents = (SELECT
              coalesce(sum(s.amount_cents - s.difference_cents), -1)
              FROM settlements s WHERE s.payment_id = NEW.id))"""

ANNOUNCED_WHOLE = Rule(
    "payments_credited_whole",
    sqlite=(
        f"""CREATE TRIGGER payments_credited_whole BEFORE UPDATE OF deposit_state ON payments
        WHEN NEW.deposit_state = 'credited' AND OLD.deposit_state <> 'credited' AND NOT {_PAID}
        BEGIN SELECT RAISE(ABORT, 'a payment is credited when the bank has paid all of it'); END""",
    ),
    postgresql=before_row(
        "payments_credited_whole",
        f"""
        BEGIN
          IF NEW.deposit_state = 'credited' AND OLD.deposit_state <> 'credited' AND NOT {_PAID} THEN
            RAISE EXCEPTION 'a payment is credited when the bank has paid all of it'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "payments",
        "UPDATE OF deposit_state",
    ),
)
"""Made by a later migration than the others: an announced payment may be paid by several."""

SETTLING_RULES: tuple[Rule, ...] = (SETTLES, _LINE_WHOLE, _DEPOSIT_WHOLE)
