"""What the database itself refuses about remittances of several payments, words on partners, sums.

A remittance that explains several payments is divided into shares that make it up; while it is
joined no share enters, changes or ends. A word that no partner comes is taken back once and stays.
What a held part is paired with is another payment, which paid that much, and stays.
"""

from __future__ import annotations

from records.triggers import Rule, before_row

_OPEN = """EXISTS (SELECT 1 FROM remittances r WHERE r.id = NEW.remittance_id
            AND r.partner_state <> 'joined')"""
_WHOLE_CHECK = """EXISTS (SELECT 1 FROM payments p WHERE p.id = NEW.payment_id AND p.live
            AND p.amount_cents = NEW.amount_cents)"""
_SHARE_FIXED = ("id", "created_at", "remittance_id", "payment_id", "amount_cents", "claims",
                "adjustments")  # fmt: skip
_PARTNER_FIXED = ("id", "created_at", "payment_id", "what", "reason", "actor")


def _same(names: tuple[str, ...], differs: str, cast: frozenset[str] = frozenset()) -> str:
    """SQL that is true where one of the columns changes; JSON columns compare as text."""
    return " OR ".join(
        f"NEW.{name}::text {differs} OLD.{name}::text" if name in cast
        else f"NEW.{name} {differs} OLD.{name}"
        for name in names
    )  # fmt: skip


_JSON = frozenset({"claims", "adjustments"})

_SHARES = Rule(
    "remittance_shares_fit",
    sqlite=(
        f"""CREATE TRIGGER remittance_shares_enter BEFORE INSERT ON remittance_shares
        WHEN NEW.ended_at IS NOT NULL OR NOT {_OPEN} OR NOT {_WHOLE_CHECK}
          OR EXISTS (SELECT 1 FROM remittance_shares WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'a share is all of a live payment, before it is joined'); END""",  # noqa: S608 - constants
        f"""CREATE TRIGGER remittance_shares_end BEFORE UPDATE ON remittance_shares
        WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NOT {_OPEN}
          OR {_same(_SHARE_FIXED, "IS NOT")}
        BEGIN SELECT RAISE(ABORT, 'a share ends once, after it was parted'); END""",
        """CREATE TRIGGER remittance_shares_stay BEFORE DELETE ON remittance_shares
        BEGIN SELECT RAISE(ABORT, 'a share is never deleted'); END""",
    ),
    postgresql=before_row(
        "remittance_shares_fit",
        f"""
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a share is never deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          -- held, so that nobody joins it meanwhile
          PERFORM 1 FROM remittances WHERE id = NEW.remittance_id FOR NO KEY UPDATE;
          IF TG_OP = 'INSERT' THEN
            IF NEW.ended_at IS NOT NULL OR NOT {_OPEN} OR NOT {_WHOLE_CHECK} THEN
              RAISE EXCEPTION 'a share is all of a live payment, before it is joined'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          ELSIF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NOT {_OPEN}
             OR {_same(_SHARE_FIXED, "IS DISTINCT FROM", _JSON)} THEN
            RAISE EXCEPTION 'a share ends once, after it was parted'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "remittance_shares",
        "INSERT OR UPDATE OR DELETE",
    ),
)

_LIVE = "FROM remittance_shares s WHERE s.remittance_id = NEW.id AND s.ended_at IS NULL"
_DIVIDED = f"""(NEW.partner_state <> 'joined' OR NOT EXISTS (SELECT 1 {_LIVE})
            OR (NEW.explained_cents = (SELECT sum(s.amount_cents) {_LIVE})
                AND EXISTS (SELECT 1 {_LIVE} AND s.payment_id = NEW.payment_id)))"""
_TOLD = "a remittance is divided into shares that make it up"
_MOVED = "NEW.partner_state <> OLD.partner_state OR NEW.payment_id {0} OLD.payment_id"

_MADE_UP = Rule(
    "remittances_made_up",
    sqlite=(
        f"""CREATE TRIGGER remittances_made_up BEFORE UPDATE ON remittances
        WHEN ({_MOVED.format("IS NOT")}) AND NOT {_DIVIDED}
        BEGIN SELECT RAISE(ABORT, '{_TOLD}'); END""",
    ),
    postgresql=before_row(
        "remittances_made_up",
        f"""
        BEGIN
          IF ({_MOVED.format("IS DISTINCT FROM")}) AND NOT {_DIVIDED} THEN
            RAISE EXCEPTION '{_TOLD}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "remittances",
        "UPDATE",
    ),
)

_PAIR_FIXED = ("pair_payment_id", "pair_account_id")
_PAIRED = """((NEW.pair_payment_id IS NULL AND NEW.pair_account_id IS NULL)
            OR (NEW.pair_payment_id <> NEW.payment_id AND NEW.reason = 'takeback'))"""

_LEFT = """(NEW.pair_payment_id IS NULL OR (SELECT p.amount_cents FROM payments p
              WHERE p.id = NEW.pair_payment_id) + NEW.amount_cents >= -(
            SELECT coalesce(sum(h.amount_cents), 0) FROM held_parts h
              WHERE h.pair_payment_id = NEW.pair_payment_id AND h.state <> 'withdrawn'))"""

_PAIRS = Rule(
    "held_parts_paired",
    sqlite=(
        f"""CREATE TRIGGER held_parts_paired_enter BEFORE INSERT ON held_parts
        WHEN NOT coalesce({_PAIRED}, 0) OR NOT coalesce({_LEFT}, 0)
        BEGIN SELECT RAISE(ABORT, 'what is taken back was paid, and by another payment'); END""",
        f"""CREATE TRIGGER held_parts_paired BEFORE UPDATE ON held_parts
        WHEN {_same(_PAIR_FIXED, "IS NOT")}
        BEGIN SELECT RAISE(ABORT, 'what a held part is paired with stays'); END""",
    ),
    postgresql=before_row(
        "held_parts_paired",
        f"""
        BEGIN
          IF TG_OP = 'INSERT' THEN
            -- held, so that what two take back together is seen by one of them
            PERFORM 1 FROM payments WHERE id = NEW.pair_payment_id FOR NO KEY UPDATE;
            IF NOT coalesce({_PAIRED}, false) OR NOT coalesce({_LEFT}, false) THEN
              RAISE EXCEPTION 'what is taken back was paid, and by another payment'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          ELSIF {_same(_PAIR_FIXED, "IS DISTINCT FROM")} THEN
            RAISE EXCEPTION 'what a held part is paired with stays'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "held_parts",
        "INSERT OR UPDATE",
    ),
)

_PARTNERS = Rule(
    "no_partners_stay",
    sqlite=(
        """CREATE TRIGGER no_partners_enter BEFORE INSERT ON no_partners
        WHEN NEW.ended_at IS NOT NULL OR EXISTS (SELECT 1 FROM no_partners WHERE id = NEW.id
          OR (payment_id = NEW.payment_id AND what = NEW.what AND ended_at IS NULL))
        BEGIN SELECT RAISE(ABORT, 'a word on a partner enters standing, once'); END""",
        f"""CREATE TRIGGER no_partners_end BEFORE UPDATE ON no_partners
        WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR {_same(_PARTNER_FIXED, "IS NOT")}
        BEGIN SELECT RAISE(ABORT, 'a word on a partner is taken back once'); END""",
        """CREATE TRIGGER no_partners_stay BEFORE DELETE ON no_partners
        BEGIN SELECT RAISE(ABORT, 'a word on a partner is never deleted'); END""",
    ),
    postgresql=before_row(
        "no_partners_stay",
        f"""
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a word on a partner is never deleted'
              USING ERRCODE = 'integrity_constraint_violation';
          ELSIF TG_OP = 'INSERT' THEN
            IF NEW.ended_at IS NOT NULL THEN
              RAISE EXCEPTION 'a word on a partner enters standing, once'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
          ELSIF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
             OR {_same(_PARTNER_FIXED, "IS DISTINCT FROM")} THEN
            RAISE EXCEPTION 'a word on a partner is taken back once'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END""",
        "no_partners",
        "INSERT OR UPDATE OR DELETE",
    ),
)


def _never_emptied(table: str) -> Rule:
    return Rule(
        f"{table}_never_emptied",
        (),
        (
            f"""CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION money_never_emptied()""",
        ),
    )


PARTNER_RULES: tuple[Rule, ...] = (
    _SHARES, _MADE_UP, _PARTNERS, _PAIRS, _never_emptied("remittance_shares"),
    _never_emptied("no_partners"),
)  # fmt: skip
