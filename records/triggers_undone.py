"""What the database itself refuses about taking a settlement back.

One of electronic money may leave once what it said is kept, and while nothing of its payment has
left for the practice-management system; an explanation may leave as before, and nothing else.
A line that paid it is open again only so. These rules stand in place of ``settlements_leave`` in
``triggers_settling`` and ``bank_lines_frozen`` in ``triggers_postings``.
"""

from __future__ import annotations

from records.triggers import Rule, append_only, instead, no_replace
from records.triggers_postings import LINE_STAYS
from records.triggers_settling import SETTLES

_KEPT = """(EXISTS (SELECT 1 FROM undone_settlements u WHERE u.settlement_id = OLD.id
              AND u.bank_line_id = OLD.bank_line_id AND u.payment_id = OLD.payment_id
              AND u.amount_cents = OLD.amount_cents
              AND u.difference_cents = OLD.difference_cents)
            AND NOT EXISTS (SELECT 1 FROM postings o WHERE o.payment_id = OLD.payment_id AND o.live
              AND o.state IN ('exported', 'unknown', 'acknowledged')))"""
_BEFORE = "IF OLD.explanation = '' THEN"
_TOLD = "only an explanation can be taken back"
_TELLS = "only an explanation, or a credit of what is not posted, can be taken back"

_SETTLED = "OR OLD.state = 'settled'"
_OPEN_AGAIN = """(NEW.state = 'unmatched'
            AND NOT EXISTS (SELECT 1 FROM settlements s WHERE s.bank_line_id = OLD.id)
            AND EXISTS (SELECT 1 FROM undone_settlements u WHERE u.bank_line_id = OLD.id))"""


def _anew(text: str) -> str:
    if _BEFORE not in text or _TOLD not in text:
        raise ValueError("the rule on settlements does not ask what is taken back any more")
    anew = text.replace(_BEFORE, f"IF OLD.explanation = '' AND NOT {_KEPT} THEN")
    return anew.replace(_TOLD, _TELLS)


def _may_open(text: str) -> str:
    return text.replace(_SETTLED, f"OR (OLD.state = 'settled' AND NOT {_OPEN_AGAIN})")


_LINE_OPENS = instead(
    Rule(
        LINE_STAYS.name,
        tuple(_may_open(text) for text in LINE_STAYS.sqlite),
        tuple(_may_open(text) for text in LINE_STAYS.postgresql),
    )
)
if not all(any(_OPEN_AGAIN in text for text in kind) for kind in (
    _LINE_OPENS.sqlite, _LINE_OPENS.postgresql)):  # fmt: skip
    raise ValueError("the rule on bank lines does not ask whether one is settled any more")

UNDONE_RULES: tuple[Rule, ...] = (
    append_only("undone_settlements"),
    no_replace("undone_settlements", "id = NEW.id OR settlement_id = NEW.settlement_id"),
    Rule(
        "settlements_leave",
        sqlite=(
            "DROP TRIGGER settlements_leave",
            f"""CREATE TRIGGER settlements_leave BEFORE DELETE ON settlements
            WHEN OLD.explanation = '' AND NOT {_KEPT}
            BEGIN SELECT RAISE(ABORT, '{_TELLS}'); END""",
        ),
        postgresql=tuple(_anew(text) for text in SETTLES.postgresql),
    ),
    _LINE_OPENS,
)
