"""What the database itself refuses about postings, bank lines, settlements and returned items.

Part of ``triggers_money``; see there for how a rule is written.
"""

from __future__ import annotations

from records.triggers import Rule, before_row

# 5: what is posted is a live part of a payment whose parts make up its whole amount, each of them
# above zero and no more than the payment: only what a remittance takes back is below, nobody's.
TAKEN_BACK = """(x.amount_cents < 0 AND x.destination = 'unidentified' AND (p.kind = 'eft'
                        OR EXISTS (SELECT 1 FROM documents d
                                   WHERE d.transaction_id = p.transaction_id
                                     AND d.kind = 'remittance' AND d.live)))"""
_WHOLE = f"""EXISTS (SELECT 1 FROM allocations a JOIN payments p ON p.id = a.payment_id
            WHERE a.id = NEW.allocation_id AND p.id = NEW.payment_id AND a.live
              AND a.destination = 'account' AND a.amount_cents = NEW.amount_cents
              AND p.amount_cents = (SELECT sum(x.amount_cents) FROM allocations x
                                    WHERE x.payment_id = p.id AND x.live)
              AND NOT EXISTS (SELECT 1 FROM allocations x
                    WHERE x.payment_id = p.id AND x.live
                      AND ((x.amount_cents <= 0 AND NOT {TAKEN_BACK})
                        OR x.amount_cents > p.amount_cents - (
                          SELECT coalesce(sum(y.amount_cents), 0) FROM allocations y
                          WHERE y.payment_id = p.id AND y.live AND y.amount_cents < 0))))"""  # noqa: S608 - constants
_UNDOES = """EXISTS (SELECT 1 FROM postings o WHERE o.id = NEW.reverses_id
            AND o.allocation_id = NEW.allocation_id AND o.payment_id = NEW.payment_id
            AND o.pms = NEW.pms AND o.amount_cents = -NEW.amount_cents
            AND o.reverses_id IS NULL AND o.state = 'acknowledged')"""

POSTING_ENTERS = Rule(
    "postings_enter",
    sqlite=(
        f"""CREATE TRIGGER postings_enter BEFORE INSERT ON postings BEGIN
          SELECT RAISE(ABORT, 'a posting starts queued, live and new')
            WHERE NEW.state <> 'queued' OR NOT NEW.live OR NEW.export_id IS NOT NULL
               OR EXISTS (SELECT 1 FROM postings WHERE id = NEW.id OR ref = NEW.ref
                  OR (NEW.reverses_id IS NULL AND reverses_id IS NULL AND live
                      AND allocation_id = NEW.allocation_id AND pms = NEW.pms)
                  OR reverses_id = NEW.reverses_id);
          SELECT RAISE(ABORT, 'the parts of the payment do not make up its amount')
            WHERE NEW.reverses_id IS NULL AND NOT {_WHOLE};
          SELECT RAISE(ABORT, 'a reversal undoes one acknowledged posting exactly')
            WHERE NEW.reverses_id IS NOT NULL AND NOT {_UNDOES};
        END""",  # noqa: S608 - constants
    ),
    postgresql=before_row(
        "postings_enter",
        f"""
        BEGIN
          IF NEW.state <> 'queued' OR NOT NEW.live OR NEW.export_id IS NOT NULL THEN
            RAISE EXCEPTION 'a posting starts queued, live and new'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          -- held, so that nobody divides the payment anew between this look and the commit
          PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR SHARE;
          IF NEW.reverses_id IS NULL AND NOT {_WHOLE} THEN
            RAISE EXCEPTION 'the parts of the payment do not make up its amount'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.reverses_id IS NOT NULL AND NOT {_UNDOES} THEN
            RAISE EXCEPTION 'a reversal undoes one acknowledged posting exactly'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "postings",
        "INSERT",
    ),
)

_POSTING_STEPS = """((OLD.state = 'queued' AND NEW.state IN ('exported', 'withdrawn'))
          OR (OLD.state = 'exported' AND NEW.state IN ('acknowledged', 'failed', 'unknown'))
          OR (OLD.state = 'unknown' AND NEW.state IN ('acknowledged', 'failed'))
          OR (OLD.state = 'failed' AND NEW.state IN ('withdrawn', 'queued')))"""
_ENDED = """(NEW.state = 'withdrawn' OR (OLD.reverses_id IS NOT NULL AND NEW.state = 'acknowledged')
          OR EXISTS (SELECT 1 FROM postings r
            WHERE r.reverses_id = OLD.id AND r.state = 'acknowledged'))"""

# 6: a posting never changes what it says, moves by its table, and stays live until it is undone.
_POSTING_MOVES = Rule(
    "postings_move",
    sqlite=(
        f"""CREATE TRIGGER postings_move BEFORE UPDATE ON postings BEGIN
          SELECT RAISE(ABORT, 'a posting never changes what it says')
            WHERE NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.pms <> OLD.pms
               OR NEW.allocation_id <> OLD.allocation_id OR NEW.payment_id <> OLD.payment_id
               OR NEW.office_id <> OLD.office_id OR NEW.amount_cents <> OLD.amount_cents
               OR NEW.reverses_id IS NOT OLD.reverses_id;
          SELECT RAISE(ABORT, 'this step of the posting is not allowed')
            WHERE NEW.state <> OLD.state AND NOT {_POSTING_STEPS};
          SELECT RAISE(ABORT, 'a posting belongs to the export it was sent with')
            WHERE (NEW.state = 'exported' AND NEW.export_id IS NULL)
               OR (NEW.export_id IS NOT OLD.export_id AND OLD.state NOT IN ('queued', 'failed'));
          SELECT RAISE(ABORT, 'a posting stays live until it is withdrawn or reversed')
            WHERE (NEW.live AND NOT OLD.live) OR (OLD.live AND NOT NEW.live AND NOT {_ENDED});
        END""",
        """CREATE TRIGGER postings_stay BEFORE DELETE ON postings
        BEGIN SELECT RAISE(ABORT, 'a posting is never deleted'); END""",
    ),
    postgresql=before_row(
        "postings_move",
        f"""
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a posting is never deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.pms <> OLD.pms
             OR NEW.allocation_id <> OLD.allocation_id OR NEW.payment_id <> OLD.payment_id
             OR NEW.office_id <> OLD.office_id OR NEW.amount_cents <> OLD.amount_cents
             OR NEW.reverses_id IS DISTINCT FROM OLD.reverses_id THEN
            RAISE EXCEPTION 'a posting never changes what it says'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF NEW.state <> OLD.state AND NOT {_POSTING_STEPS} THEN
            RAISE EXCEPTION 'this step of the posting is not allowed'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF (NEW.state = 'exported' AND NEW.export_id IS NULL)
             OR (NEW.export_id IS DISTINCT FROM OLD.export_id
                 AND OLD.state NOT IN ('queued', 'failed')) THEN
            RAISE EXCEPTION 'a posting belongs to the export it was sent with'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          IF (NEW.live AND NOT OLD.live) OR (OLD.live AND NOT NEW.live AND NOT {_ENDED}) THEN
            RAISE EXCEPTION 'a posting stays live until it is withdrawn or reversed'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "postings",
        "UPDATE OR DELETE",
    ),
)

# 8: a bank line is what the bank said; only what we made of it moves on.
LINE_STAYS = Rule(
    "bank_lines_frozen",
    sqlite=(
        """CREATE TRIGGER bank_lines_enter BEFORE INSERT ON bank_lines
        WHEN NEW.state <> 'unmatched' OR EXISTS
          (SELECT 1 FROM bank_lines WHERE id = NEW.id OR fingerprint = NEW.fingerprint)
        BEGIN SELECT RAISE(ABORT, 'a bank line enters once, unmatched'); END""",
        """CREATE TRIGGER bank_lines_frozen BEFORE UPDATE ON bank_lines
        WHEN NEW.id <> OLD.id OR NEW.fingerprint <> OLD.fingerprint
          OR NEW.bank_account_id <> OLD.bank_account_id OR NEW.value_on <> OLD.value_on
          OR NEW.amount_cents <> OLD.amount_cents OR NEW.direction <> OLD.direction
          OR OLD.state = 'settled'
        BEGIN SELECT RAISE(ABORT, 'a bank line is what the bank said'); END""",
        """CREATE TRIGGER bank_lines_stay BEFORE DELETE ON bank_lines
        BEGIN SELECT RAISE(ABORT, 'a bank line is never deleted'); END""",
    ),
    postgresql=before_row(
        "bank_lines_frozen",
        """
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a bank line is never deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          ELSIF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'unmatched' THEN
              RAISE EXCEPTION 'a bank line enters once, unmatched'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          ELSIF NEW.id <> OLD.id OR NEW.fingerprint <> OLD.fingerprint
             OR NEW.bank_account_id <> OLD.bank_account_id OR NEW.value_on <> OLD.value_on
             OR NEW.amount_cents <> OLD.amount_cents OR NEW.direction <> OLD.direction
             OR OLD.state = 'settled' THEN
            RAISE EXCEPTION 'a bank line is what the bank said'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "bank_lines",
        "INSERT OR UPDATE OR DELETE",
    ),
)

# 8: a settlement ties one line to one thing of the same account, and its difference adds up.
_ONE_THING = """((NEW.deposit_id IS NOT NULL)::int + (NEW.returned_item_id IS NOT NULL)::int
            + (NEW.payment_id IS NOT NULL)::int + (NEW.explanation <> '')::int) = 1"""
_ONE_THING_SQLITE = _ONE_THING.replace("::int", "")
_FITS = """(NEW.explanation <> '' OR EXISTS (SELECT 1 FROM bank_lines l, deposits d
              WHERE l.id = NEW.bank_line_id AND d.id = NEW.deposit_id
                AND l.bank_account_id = d.bank_account_id AND l.direction = 'credit'
                AND d.state IN ('approved', 'exported', 'credited')
                AND NEW.difference_cents = l.amount_cents - d.declared_total_cents)
          OR EXISTS (SELECT 1 FROM bank_lines l, returned_items r
              WHERE l.id = NEW.bank_line_id AND r.id = NEW.returned_item_id
                AND l.direction = 'debit'
                AND NEW.difference_cents = l.amount_cents - r.amount_cents)
          OR EXISTS (SELECT 1 FROM bank_lines l, payments p
              WHERE l.id = NEW.bank_line_id AND p.id = NEW.payment_id AND p.kind = 'eft'
                AND l.direction = 'credit'
                AND NEW.difference_cents = l.amount_cents - p.amount_cents))"""

_SETTLES_ONCE = Rule(
    "settlements_fit",
    sqlite=(
        f"""CREATE TRIGGER settlements_fit BEFORE INSERT ON settlements BEGIN
          SELECT RAISE(ABORT, 'this is settled already') WHERE EXISTS
            (SELECT 1 FROM settlements WHERE id = NEW.id OR bank_line_id = NEW.bank_line_id
               OR deposit_id = NEW.deposit_id OR returned_item_id = NEW.returned_item_id
               OR payment_id = NEW.payment_id);
          SELECT RAISE(ABORT, 'a bank line settles one thing that fits it')
            WHERE NOT ({_ONE_THING_SQLITE}) OR NOT {_FITS};
        END""",  # noqa: S608 - constants
        """CREATE TRIGGER settlements_stay BEFORE UPDATE ON settlements
        BEGIN SELECT RAISE(ABORT, 'a settlement is never changed'); END""",
        """CREATE TRIGGER settlements_leave BEFORE DELETE ON settlements
        WHEN OLD.explanation = ''
        BEGIN SELECT RAISE(ABORT, 'only an explanation can be taken back'); END""",
    ),
    postgresql=before_row(
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
          ELSIF NOT ({_ONE_THING}) OR NOT {_FITS} THEN
            RAISE EXCEPTION 'a bank line settles one thing that fits it'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "settlements",
        "INSERT OR UPDATE OR DELETE",
    ),
)

_PRESENTED = """(EXISTS (SELECT 1 FROM deposit_items i JOIN deposits d ON d.id = i.deposit_id
              WHERE i.payment_id = NEW.payment_id AND i.presentation = NEW.presentation
                AND i.amount_cents = NEW.amount_cents
                AND d.state IN ('approved', 'exported', 'credited'))
          OR EXISTS (SELECT 1 FROM payments p WHERE p.id = NEW.payment_id AND p.kind = 'eft'
                AND p.amount_cents = NEW.amount_cents))"""

# 3: the bank can give back only what was presented to it, at its amount, and once.
_RETURN_FITS = Rule(
    "returned_items_fit",
    sqlite=(
        f"""CREATE TRIGGER returned_items_fit BEFORE INSERT ON returned_items BEGIN
          SELECT RAISE(ABORT, 'this return is recorded already') WHERE EXISTS
            (SELECT 1 FROM returned_items WHERE id = NEW.id OR ref = NEW.ref
              OR (payment_id = NEW.payment_id AND presentation = NEW.presentation));
          SELECT RAISE(ABORT, 'only what was presented can be returned') WHERE NOT {_PRESENTED};
        END""",  # noqa: S608 - constants
        """CREATE TRIGGER returned_items_no_update BEFORE UPDATE ON returned_items
        BEGIN SELECT RAISE(ABORT, 'a returned item is never changed'); END""",
        """CREATE TRIGGER returned_items_no_delete BEFORE DELETE ON returned_items
        BEGIN SELECT RAISE(ABORT, 'a returned item is never deleted'); END""",
    ),
    postgresql=before_row(
        "returned_items_fit",
        f"""
        BEGIN
          IF TG_OP <> 'INSERT' THEN
            RAISE EXCEPTION 'a returned item is never changed or deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          ELSIF NOT {_PRESENTED} THEN
            RAISE EXCEPTION 'only what was presented can be returned'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "returned_items",
        "INSERT OR UPDATE OR DELETE",
    ),
)

POSTING_RULES: tuple[Rule, ...] = (
    POSTING_ENTERS,
    _POSTING_MOVES,
    LINE_STAYS,
    _SETTLES_ONCE,
    _RETURN_FITS,
)
