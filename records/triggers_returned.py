"""What the database itself refuses of returned mail.

Plays, texts and steps of a guarded review are added, never changed; a statement is mailed again
once; while an address is confidential, its account gets no other.
"""

from __future__ import annotations

from records.triggers import Rule, append_only, before_row

_MAILED = "a statement is mailed again once"
_MAILED_WHEN = """(OLD.mailed_at IS NOT NULL OR OLD.cancelled_at IS NOT NULL)"""
_CONFIDENTIAL = "the address of this account is confidential"
_LIVE = """EXISTS (SELECT 1 FROM confidential_addresses c
            WHERE c.account_id = NEW.account_id AND c.ended_at IS NULL)"""


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


_ONCE = Rule(
    "remails_mailed_once",
    sqlite=(
        f"""CREATE TRIGGER remails_mailed_once BEFORE UPDATE ON remails WHEN {_MAILED_WHEN}
        BEGIN SELECT RAISE(ABORT, '{_MAILED}'); END""",
        f"""CREATE TRIGGER remails_not_deleted BEFORE DELETE ON remails
        BEGIN SELECT RAISE(ABORT, '{_MAILED}'); END""",
    ),
    postgresql=before_row(
        "remails_mailed_once",
        f"""
        BEGIN
          IF TG_OP = 'DELETE' THEN {_raise(_MAILED)} END IF;
          IF {_MAILED_WHEN} THEN {_raise(_MAILED)} END IF;
          RETURN NEW;
        END""",
        "remails",
        "UPDATE OR DELETE",
    ),
)

_STAYS = Rule(
    "confidential_address_stays",
    sqlite=(
        f"""CREATE TRIGGER confidential_address_stays BEFORE INSERT ON address_versions WHEN {_LIVE}
        BEGIN SELECT RAISE(ABORT, '{_CONFIDENTIAL}'); END""",
    ),
    postgresql=before_row(
        "confidential_address_stays",
        f"BEGIN IF {_LIVE} THEN {_raise(_CONFIDENTIAL)} END IF; RETURN NEW; END",
        "address_versions",
        "INSERT",
    ),
)

RETURNED_RULES: tuple[Rule, ...] = (
    append_only("play_versions"),
    append_only("task_texts"),
    append_only("guarded_steps"),
    _ONCE,
    _STAYS,
)
