"""What the database itself refuses about remittances, and of postings by what explains a payment.

``postings_enter`` stands in place of the one in ``triggers_postings``: an advice that lay apart
from its check is evidence like one beside it (``remittance_evidence``).
"""

from __future__ import annotations

from records.triggers import Rule, before_row, instead
from records.triggers_postings import POSTING_ENTERS, TAKEN_BACK

_EXPLAINED = """(x.amount_cents < 0 AND x.destination = 'unidentified' AND (p.kind = 'eft'
                        OR EXISTS (SELECT 1 FROM payment_remittances e
                                   WHERE e.payment_id = p.id)))"""


def _anew(text: str) -> str:
    if TAKEN_BACK not in text:
        raise ValueError("the rule on postings does not ask for a remittance any more")
    return text.replace(TAKEN_BACK, _EXPLAINED)


POSTING_ANEW = instead(
    Rule(
        POSTING_ENTERS.name,
        tuple(_anew(text) for text in POSTING_ENTERS.sqlite),
        tuple(
            _anew(text) if text.startswith("CREATE OR REPLACE FUNCTION") else text
            for text in POSTING_ENTERS.postgresql
        ),
    )
)

# A remittance stays the row of its document, and explains only a payment that is live.
_JOINS = """(NEW.payment_id IS NULL OR EXISTS
            (SELECT 1 FROM payments p WHERE p.id = NEW.payment_id AND p.live))"""
_COPY = """(NEW.copy_of_id IS NULL OR (NEW.copy_of_id <> NEW.id AND EXISTS
            (SELECT 1 FROM remittances o WHERE o.id = NEW.copy_of_id AND o.copy_of_id IS NULL)))"""

REMITTANCE_RULES: tuple[Rule, ...] = (
    POSTING_ANEW,
    Rule(
        "remittances_fit",
        sqlite=(
            *(
                f"""CREATE TRIGGER remittances_fit_{verb.lower()} BEFORE {verb} ON remittances BEGIN
                  SELECT RAISE(ABORT, 'a remittance explains a live payment')
                    WHERE {changed} AND NOT {_JOINS};
                  SELECT RAISE(ABORT, 'a remittance is a copy of an original') WHERE NOT {_COPY};
                END"""
                for verb, changed in (
                    ("INSERT", "1"),
                    ("UPDATE", "NEW.payment_id IS NOT OLD.payment_id"),
                )
            ),
            """CREATE TRIGGER remittances_stay BEFORE DELETE ON remittances
            BEGIN SELECT RAISE(ABORT, 'a remittance is never deleted'); END""",
            """CREATE TRIGGER remittances_same BEFORE UPDATE ON remittances
            WHEN NEW.id <> OLD.id OR NEW.ref <> OLD.ref OR NEW.document_id <> OLD.document_id
            BEGIN SELECT RAISE(ABORT, 'a remittance stays that of its document'); END""",
        ),
        postgresql=before_row(
            "remittances_fit",
            f"""
            BEGIN
              IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'a remittance is never deleted'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              IF TG_OP = 'UPDATE' AND (NEW.id <> OLD.id OR NEW.ref <> OLD.ref
                 OR NEW.document_id <> OLD.document_id) THEN
                RAISE EXCEPTION 'a remittance stays that of its document'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              IF (TG_OP = 'INSERT' OR NEW.payment_id IS DISTINCT FROM OLD.payment_id)
                 AND NOT {_JOINS} THEN
                RAISE EXCEPTION 'a remittance explains a live payment'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              IF NOT {_COPY} THEN
                RAISE EXCEPTION 'a remittance is a copy of an original'
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END""",
            "remittances",
            "INSERT OR UPDATE OR DELETE",
        ),
    ),
    Rule(
        "remittances_never_emptied",
        (),
        (
            """CREATE TRIGGER remittances_never_emptied BEFORE TRUNCATE ON remittances
            FOR EACH STATEMENT EXECUTE FUNCTION money_never_emptied()""",
        ),
    ),
)
