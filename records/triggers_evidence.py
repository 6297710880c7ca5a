"""What the database itself refuses about what was read, keyed and decided, and about checks.

Part of ``triggers_money``; see there for how a rule is written. Who keyed what, who decided what,
what a document said and where a patient lived are the evidence behind the money: rows of it are
added, never changed.
"""

from __future__ import annotations

from records.triggers import Rule, append_only, before_row, no_replace

_EVIDENCE = {
    "keyed_values": "payment_id = NEW.payment_id AND field = NEW.field AND actor = NEW.actor",
    "decisions": "",
    "readings": "document_id = NEW.document_id AND version = NEW.version",
}


def refuse(message: str) -> str:
    """The PL/pgSQL statement that ends it."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def stays(table: str, rule: str, message: str, columns: tuple[str, ...], extra: str = "") -> Rule:
    """Rows of ``table`` are never deleted, and these columns of them never change.

    ``extra`` is one more condition on OLD and NEW under which an update is refused.
    """
    more = f" OR {extra}" if extra else ""
    lite = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns) + more
    post = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns) + more
    return Rule(
        rule,
        sqlite=(
            (
                f"CREATE TRIGGER {rule} BEFORE UPDATE ON {table} WHEN {lite} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ),
            (
                f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ),
        ),
        postgresql=before_row(
            rule,
            f"""
            BEGIN
              IF TG_OP = 'DELETE' THEN {refuse(message)} END IF;
              IF {post} THEN {refuse(message)} END IF;
              RETURN NEW;
            END""",
            table,
            "UPDATE OR DELETE",
        ),
    )


# Everything but ``bad_since``: mail to an address comes back, or it is good again.
_ADDRESS_STAYS = stays(
    "address_versions",
    "address_versions_frozen",
    "an address is never changed, a new one is a new version",
    ("id", "created_at", "account_id", "version", "street", "city", "state", "zip", "source",
     "confirmed_by", "evidence_document_id"),
)  # fmt: skip

# 5 and 6: a part says always the same, ends once, and not while the PMS has it.
_ALLOCATION_STAYS = stays(
    "allocations",
    "allocations_frozen",
    "an allocation is never changed, and ends only when nothing of it is posted",
    ("id", "created_at", "payment_id", "decision_id", "destination", "account_id", "statement_id",
     "amount_cents"),
    """(NEW.live AND NOT OLD.live) OR (OLD.live AND NOT NEW.live AND EXISTS
         (SELECT 1 FROM postings o WHERE o.payment_id = OLD.payment_id
            AND o.allocation_id = OLD.id AND o.live
            AND o.state IN ('exported', 'unknown', 'acknowledged')))""",
)  # fmt: skip

_IN_DEPOSIT = """(OLD.deposit_state IN ('in_deposit', 'deposited', 'credited') OR EXISTS
         (SELECT 1 FROM deposit_items i
            WHERE i.payment_id = OLD.id AND i.presentation = OLD.presentation))"""
_SAME = ("fingerprint", "item_fingerprint", "check_number", "sealed", "live", "kind")


def _changed(distinct: str) -> str:
    said = " OR ".join(f"NEW.{name} {distinct} OLD.{name}" for name in _SAME)
    again = "(OLD.deposit_state = 'returned' AND NEW.deposit_state = 'depositable')"
    return f"({said} OR (NEW.presentation <> OLD.presentation AND NOT {again}))"


_GONE = "a payment is never deleted or renamed"
_FROZEN = "what a check in a deposit says is frozen"
_TWIN = """NEW.live AND NEW.fingerprint IS NOT NULL AND EXISTS (SELECT 1 FROM payments p
            WHERE p.live AND p.fingerprint = NEW.fingerprint AND p.id <> OLD.id)"""

# 2, 3 and 4: the check that was deposited stays the check that it was; only after the bank's
# return may it be presented again. SQLite's UPDATE OR REPLACE would delete a twin, so it is
# refused here as well.
_CHECK_STAYS = Rule(
    "payments_frozen",
    sqlite=(
        f"""CREATE TRIGGER payments_frozen BEFORE UPDATE ON payments BEGIN
          SELECT RAISE(ABORT, '{_GONE}') WHERE NEW.id <> OLD.id OR NEW.ref <> OLD.ref
            OR NEW.document_id <> OLD.document_id;
          SELECT RAISE(ABORT, '{_FROZEN}') WHERE {_changed("IS NOT")} AND {_IN_DEPOSIT};
          SELECT RAISE(ABORT, 'this check is held already') WHERE {_TWIN};
        END""",
        f"""CREATE TRIGGER payments_stay BEFORE DELETE ON payments
        BEGIN SELECT RAISE(ABORT, '{_GONE}'); END""",
    ),
    postgresql=before_row(
        "payments_frozen",
        f"""
        BEGIN
          IF TG_OP = 'DELETE' THEN {refuse(_GONE)} END IF;
          IF NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.document_id <> OLD.document_id THEN
            {refuse(_GONE)} END IF;
          IF {_changed("IS DISTINCT FROM")} AND {_IN_DEPOSIT} THEN {refuse(_FROZEN)} END IF;
          RETURN NEW;
        END""",
        "payments",
        "UPDATE OR DELETE",
    ),
)

_HELD = "has this row already"

EVIDENCE_RULES: tuple[Rule, ...] = (
    *(append_only(table) for table in _EVIDENCE),
    *(
        no_replace(table, f"id = NEW.id OR ({same})" if same else "id = NEW.id")
        for table, same in _EVIDENCE.items()
    ),
    _ADDRESS_STAYS,
    no_replace(
        "address_versions", "id = NEW.id OR (account_id = NEW.account_id AND version = NEW.version)"
    ),
    _ALLOCATION_STAYS,
    no_replace("allocations", "id = NEW.id", _HELD),
    _CHECK_STAYS,
    no_replace(
        "payments",
        "id = NEW.id OR ref = NEW.ref OR document_id = NEW.document_id "
        "OR (NEW.live AND live AND fingerprint = NEW.fingerprint)",
        _HELD,
    ),
    no_replace("source_files", "id = NEW.id OR ref = NEW.ref OR sha256 = NEW.sha256", _HELD),
)
