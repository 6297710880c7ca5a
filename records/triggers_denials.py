"""What the database itself refuses about denials: none is deleted, notes are only added."""

from __future__ import annotations

from records.triggers import Rule, append_only, before_row, no_replace

DENIAL_RULES: tuple[Rule, ...] = (
    Rule(
        "denials_stay",
        sqlite=(
            """CREATE TRIGGER denials_stay BEFORE DELETE ON denials
            BEGIN SELECT RAISE(ABORT, 'a denial is never deleted'); END""",
            """CREATE TRIGGER denials_keep BEFORE UPDATE ON denials
            WHEN NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.document_id <> OLD.document_id
              OR NEW.claim <> OLD.claim OR NEW.line <> OLD.line
            BEGIN SELECT RAISE(ABORT, 'a denial stays the line that it is of'); END""",
        ),
        postgresql=before_row(
            "denials_stay",
            """
            BEGIN
              IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'a denial is never deleted'
                  USING ERRCODE = 'integrity_constraint_violation';
              ELSIF NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.document_id <> OLD.document_id
                 OR NEW.claim <> OLD.claim OR NEW.line <> OLD.line THEN
                RAISE EXCEPTION 'a denial stays the line that it is of'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END""",
            "denials",
            "UPDATE OR DELETE",
        ),
    ),
    no_replace(
        "denials",
        "id = NEW.id OR ref = NEW.ref OR (document_id = NEW.document_id "
        "AND claim = NEW.claim AND line = NEW.line)",
        "has this row already",
    ),
    append_only("denial_notes"),
    no_replace("denial_notes", "id = NEW.id"),
)
