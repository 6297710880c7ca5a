"""What PostgreSQL itself refuses of whole tables of money: TRUNCATE, which asks no row's rule."""

from __future__ import annotations

from records.triggers import Rule

_FUNCTION = """CREATE OR REPLACE FUNCTION money_never_emptied() RETURNS trigger
    LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a table of money is never emptied'
      USING ERRCODE = 'integrity_constraint_violation'; END $$"""

TABLES = (
    "allocations", "bank_lines", "deposit_exceptions", "deposit_items", "deposits",
    "paper_originals", "payments", "postings", "returned_items", "settlements",
    "unmatched_returns",
)  # fmt: skip
"""Those whose rules look at rows; what is append-only refuses it by a rule of its own."""

# SQLite has no such statement: it deletes row by row, and each row's rule is asked.
EMPTIED_RULES: tuple[Rule, ...] = (
    Rule("money_never_emptied", (), (_FUNCTION,)),
    *(
        Rule(
            f"{table}_never_emptied", (),
            (f"""CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION money_never_emptied()""",),
        )
        for table in TABLES
    ),
)  # fmt: skip
