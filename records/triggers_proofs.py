"""What the database itself refuses about signed days: any change, and signing out of order."""

from __future__ import annotations

from records.triggers import Rule, append_only

_SIGNS = Rule(
    "day_signatures_enter",
    sqlite=(
        """CREATE TRIGGER day_signatures_enter BEFORE INSERT ON day_signatures BEGIN
          SELECT RAISE(ABORT, 'a day is signed by a person')
            WHERE substr(NEW.signed_by, 1, 5) <> 'user:' OR length(NEW.signed_by) < 6;
          SELECT RAISE(ABORT, 'a day is signed once, and after the days before it')
            WHERE EXISTS (SELECT 1 FROM day_signatures WHERE id = NEW.id OR ref = NEW.ref
              OR (bank_account_id = NEW.bank_account_id AND day_on >= NEW.day_on));
        END""",
    ),
    postgresql=(
        """CREATE OR REPLACE FUNCTION day_signatures_enter() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
          IF substr(NEW.signed_by, 1, 5) <> 'user:' OR length(NEW.signed_by) < 6 THEN
            RAISE EXCEPTION 'a day is signed by a person'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          -- held, so that two people cannot sign two days of one account at once
          PERFORM 1 FROM bank_accounts WHERE id = NEW.bank_account_id FOR NO KEY UPDATE;
          IF EXISTS (SELECT 1 FROM day_signatures
              WHERE bank_account_id = NEW.bank_account_id AND day_on >= NEW.day_on) THEN
            RAISE EXCEPTION 'a day is signed once, and after the days before it'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$""",
        """CREATE TRIGGER day_signatures_enter BEFORE INSERT ON day_signatures
        FOR EACH ROW EXECUTE FUNCTION day_signatures_enter()""",
    ),
)

PROOF_RULES: tuple[Rule, ...] = (append_only("day_signatures"), _SIGNS)
