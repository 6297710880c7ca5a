"""What the database itself refuses about deposits that a bank refused, and about cash letters.

A refused deposit keeps its items, which then hold their checks no more: the step itself frees
them, so that neither is ever without the other. Earlier rules that said "an item" mean a live one
since; these stand in their place.
"""

from __future__ import annotations

from records.triggers import Rule, append_only, before_row, instead, no_replace
from records.triggers_evidence import EVIDENCE_RULES
from records.triggers_money import DEPOSIT_RULES

_EARLIER = {rule.name: rule for rule in (*DEPOSIT_RULES, *EVIDENCE_RULES)}
_BROKEN = "USING ERRCODE = 'integrity_constraint_violation'"


def _reworded(name: str, *changes: tuple[str, str]) -> Rule:
    """The rule of this name with other words, in its place; each change is found in it."""
    rule = _EARLIER[name]
    texts = [rule.sqlite, rule.postgresql]
    for before, after in changes:
        found = [tuple(text.replace(before, after) for text in some) for some in texts]
        if found == texts:
            raise ValueError(f"rule {name} does not say: {before}")
        texts = found
    return instead(Rule(name, *texts))


_SAME_ITEM = " AND ".join(
    f"NEW.{name} = OLD.{name}"
    for name in ("id", "created_at", "deposit_id", "payment_id", "presentation", "position",
                 "amount_cents", "added_by")
)  # fmt: skip
_FREED = f"""(OLD.live AND NOT NEW.live AND {_SAME_ITEM} AND EXISTS
          (SELECT 1 FROM deposits WHERE id = OLD.deposit_id AND state = 'rejected'))"""  # noqa: S608 - constants

# 3 and 4: items never change, but that a refused deposit holds its checks no more.
_ITEM_STAYS = Rule(
    "deposit_items_frozen",
    sqlite=(
        f"""CREATE TRIGGER deposit_items_no_update BEFORE UPDATE ON deposit_items
        WHEN NOT {_FREED}
        BEGIN SELECT RAISE(ABORT, 'a deposit item is never changed'); END""",
        """CREATE TRIGGER deposit_items_leave BEFORE DELETE ON deposit_items
        WHEN NOT EXISTS (SELECT 1 FROM deposits WHERE id = OLD.deposit_id AND state = 'open')
        BEGIN SELECT RAISE(ABORT, 'the deposit is frozen'); END""",
    ),
    postgresql=before_row(
        "deposit_items_frozen",
        f"""
        DECLARE held text;
        BEGIN
          IF TG_OP = 'UPDATE' THEN
            IF NOT {_FREED} THEN
              RAISE EXCEPTION 'a deposit item is never changed' {_BROKEN};
            END IF;
            RETURN NEW;
          END IF;
          SELECT state INTO held FROM deposits WHERE id = OLD.deposit_id FOR SHARE;
          IF held IS DISTINCT FROM 'open' THEN
            RAISE EXCEPTION 'the deposit is frozen' {_BROKEN};
          END IF;
          RETURN OLD;
        END""",  # noqa: S608 - constants
        "deposit_items",
        "UPDATE OR DELETE",
    ),
)

_ITEM_LIVES = Rule(
    "deposit_items_start_live",
    sqlite=(
        """CREATE TRIGGER deposit_items_start_live BEFORE INSERT ON deposit_items
        WHEN NOT NEW.live
        BEGIN SELECT RAISE(ABORT, 'a deposit item starts live'); END""",
    ),
    postgresql=before_row(
        "deposit_items_start_live",
        f"""
        BEGIN
          IF NOT NEW.live THEN RAISE EXCEPTION 'a deposit item starts live' {_BROKEN}; END IF;
          RETURN NEW;
        END""",
        "deposit_items",
        "INSERT",
    ),
)

_STEP = "(NEW.state = 'rejected' AND OLD.state IN ('approved', 'exported'))"
_SAID = """(NEW.rejected_at IS NOT NULL AND coalesce(trim(NEW.rejection_reason), '') <> ''
          AND coalesce(substr(NEW.rejected_by, 1, 5), '') = 'user:' AND length(NEW.rejected_by) > 5
          AND (coalesce(NEW.rejection, '') = 'refused_by_bank'
            OR (coalesce(NEW.rejection, '') = 'withdrawn' AND OLD.state = 'approved')))"""
_PAID = "EXISTS (SELECT 1 FROM settlements WHERE deposit_id = NEW.id)"
_WORDS = ("rejection", "rejection_reason", "rejected_by", "rejected_at")


def _reworded_answer(distinct: str) -> str:
    """Whether an update touches what only the step may say, or a deposit that was refused."""
    said = " OR ".join(f"NEW.{name} {distinct} OLD.{name}" for name in _WORDS)
    return f"""(OLD.state = 'rejected' OR NEW.follows_id {distinct} OLD.follows_id
          OR (NOT {_STEP} AND ({said})))"""


_NEW_ONES = """(NEW.rejection IS NOT NULL OR NEW.rejection_reason IS NOT NULL
          OR NEW.rejected_by IS NOT NULL OR NEW.rejected_at IS NOT NULL
          OR (NEW.follows_id IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM deposits d WHERE d.id = NEW.follows_id AND d.state = 'rejected'
               AND d.bank_account_id = NEW.bank_account_id)))"""
_FREE = "UPDATE deposit_items SET live = false WHERE deposit_id = NEW.id"

# A person refuses it, with a reason, and never once the bank has paid any of it; for ever.
_REFUSED = Rule(
    "deposits_refused",
    sqlite=(
        f"""CREATE TRIGGER deposits_refused BEFORE UPDATE ON deposits BEGIN
          SELECT RAISE(ABORT, 'what was said of a refused deposit is frozen')
            WHERE {_reworded_answer("IS NOT")};
          SELECT RAISE(ABORT, 'a person refuses a deposit, for a reason')
            WHERE {_STEP} AND NOT {_SAID};
          SELECT RAISE(ABORT, 'the bank has paid of this deposit')
            WHERE {_STEP} AND {_PAID};
        END""",
        f"""CREATE TRIGGER deposits_start_sound BEFORE INSERT ON deposits
        WHEN {_NEW_ONES}
        BEGIN SELECT RAISE(ABORT, 'a deposit starts without a refusal of its own'); END""",
        f"""CREATE TRIGGER deposits_free_items AFTER UPDATE OF state ON deposits
        WHEN {_STEP} BEGIN {_FREE}; END""",
    ),
    postgresql=(
        *before_row(
            "deposits_refused",
            f"""
            BEGIN
              IF TG_OP = 'INSERT' THEN
                IF {_NEW_ONES} THEN
                  RAISE EXCEPTION 'a deposit starts without a refusal of its own' {_BROKEN};
                END IF;
                RETURN NEW;
              END IF;
              IF {_reworded_answer("IS DISTINCT FROM")} THEN
                RAISE EXCEPTION 'what was said of a refused deposit is frozen' {_BROKEN};
              END IF;
              IF {_STEP} AND NOT {_SAID} THEN
                RAISE EXCEPTION 'a person refuses a deposit, for a reason' {_BROKEN};
              END IF;
              -- a settlement holds this row while it is written, so that one of the two sees it
              IF {_STEP} AND {_PAID} THEN
                RAISE EXCEPTION 'the bank has paid of this deposit' {_BROKEN};
              END IF;
              RETURN NEW;
            END""",
            "deposits",
            "INSERT OR UPDATE",
        ),
        f"""CREATE OR REPLACE FUNCTION deposits_free_items() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {_FREE}; RETURN NULL; END $$""",
        f"""CREATE TRIGGER deposits_free_items AFTER UPDATE OF state ON deposits
        FOR EACH ROW WHEN {_STEP} EXECUTE FUNCTION deposits_free_items()""",
    ),
)  # fmt: skip

_IS_LIVE = "i.presentation = OLD.presentation"

REFUSAL_RULES: tuple[Rule, ...] = (
    _reworded(
        "deposits_move",
        ("OLD.state = 'approved' AND NEW.state IN ('exported', 'credited')",
         "OLD.state = 'approved' AND NEW.state IN ('exported', 'credited', 'rejected')"),
        ("OLD.state = 'exported' AND NEW.state = 'credited'",
         "OLD.state = 'exported' AND NEW.state IN ('credited', 'rejected')"),
    ),
    _reworded(
        "payments_amount_frozen",
        ("FROM deposit_items WHERE payment_id = OLD.id)",
         "FROM deposit_items WHERE payment_id = OLD.id AND live)"),
    ),
    _reworded("payments_frozen", (f"{_IS_LIVE})", f"{_IS_LIVE} AND i.live)")),
    _REFUSED,
)  # fmt: skip
"""For ``triggers.create_all``, where the rules before them stand."""

_HELD = "presentation = NEW.presentation"
ITEM_RULES: tuple[Rule, ...] = (
    _reworded("deposit_items_enter", (f"AND {_HELD}));", f"AND {_HELD} AND live));")),
    instead(_ITEM_STAYS),
    _ITEM_LIVES,
)
"""The items' own: SQLite's table is made anew, and its triggers have gone with the old one."""

LETTER_RULES: tuple[Rule, ...] = (
    append_only("cash_letters"),
    no_replace("cash_letters", "id = NEW.id OR number = NEW.number OR deposit_id = NEW.deposit_id"),
)
"""A letter's number is used once, for ever, and its file stays what it was."""
