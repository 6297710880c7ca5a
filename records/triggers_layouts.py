"""What the database itself refuses about learned layouts: an edit, a deletion, a second life."""

from __future__ import annotations

from records.triggers import Rule, before_row, no_replace

_FROZEN = ("id", "created_at", "fingerprint", "payer", "version", "made_by")
_KEPT_SQLITE = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FROZEN)
_KEPT = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FROZEN)

LAYOUT_RULES: tuple[Rule, ...] = (
    Rule(
        "payer_layouts_frozen",
        sqlite=(
            f"""CREATE TRIGGER payer_layouts_frozen BEFORE UPDATE ON payer_layouts
            WHEN {_KEPT_SQLITE} OR NEW.columns IS NOT OLD.columns OR (NEW.live AND NOT OLD.live)
            BEGIN SELECT RAISE(ABORT, 'a layout is never edited: add a version'); END""",
            """CREATE TRIGGER payer_layouts_stay BEFORE DELETE ON payer_layouts
            BEGIN SELECT RAISE(ABORT, 'a layout is never deleted'); END""",
        ),
        postgresql=before_row(
            "payer_layouts_frozen",
            f"""
            BEGIN
              IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'a layout is never deleted'
                  USING ERRCODE = 'integrity_constraint_violation';
              ELSIF {_KEPT} OR NEW.columns::text IS DISTINCT FROM OLD.columns::text
                OR (NEW.live AND NOT OLD.live) THEN
                RAISE EXCEPTION 'a layout is never edited: add a version'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END""",
            "payer_layouts",
            "UPDATE OR DELETE",
        ),
    ),
    no_replace(
        "payer_layouts",
        "id = NEW.id OR (fingerprint = NEW.fingerprint AND version = NEW.version)",
        "are never replaced in place",
    ),
)
