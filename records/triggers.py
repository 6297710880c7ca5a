"""What the database itself refuses of journal and audit rows, on SQLite and PostgreSQL alike.

``create_all`` is called by the migration that adds them and by tests; each rule is one ``Rule``
with the DDL of both dialects, so that neither is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

_APPEND_ONLY = ("audit_events", "journal_entries", "journal_lines", "journal_seals")


@dataclass(frozen=True, slots=True)
class Rule:
    """One refusal: its name, and the statements that make it on each dialect."""

    name: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]


def append_only(table: str) -> Rule:
    """Refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE on ``table``; INSERT OR REPLACE as well."""
    message = f"{table} is append-only"
    sqlite = tuple(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for verb in ("UPDATE", "DELETE")
    )
    postgresql = (
        f"""CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$
        """,
        f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
        f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
    )
    return Rule(f"{table}_append_only", sqlite, postgresql)


def before_row(name: str, body: str, table: str, when: str) -> tuple[str, str]:
    """PostgreSQL: a trigger function and its BEFORE ROW trigger."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def instead(rule: Rule) -> Rule:
    """``rule`` where one of its name stands: triggers are made anew (PostgreSQL: functions)."""
    dropped = tuple(f"DROP TRIGGER IF EXISTS {text.split()[2]}" for text in rule.sqlite)
    functions = tuple(text for text in rule.postgresql if text.startswith("CREATE OR REPLACE"))
    return Rule(rule.name, (*dropped, *rule.sqlite), functions)


# INSERT OR REPLACE deletes without firing delete triggers unless recursive_triggers is on, so a
# second row under a key that exists is refused before SQLite resolves the conflict.
def no_replace(table: str, match: str, what: str = "is append-only") -> Rule:
    """Refuse (SQLite) a row whose key exists; ``match`` is SQL over the table's rows and NEW."""
    trigger = f"""CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE {match})
        BEGIN SELECT RAISE(ABORT, '{table} {what}'); END"""  # noqa: S608 - constants
    return Rule(f"{table}_no_replace", (trigger,), ())


_SEAL = Rule(
    "journal_seal_balanced",
    sqlite=(
        """CREATE TRIGGER journal_seals_balanced BEFORE INSERT ON journal_seals
        BEGIN
          SELECT RAISE(ABORT, 'journal entry does not exist')
          WHERE NOT EXISTS (SELECT 1 FROM journal_entries WHERE id = NEW.entry_id);
          SELECT RAISE(ABORT, 'journal entry does not balance')
          WHERE NEW.total_cents <= 0
             OR NEW.total_cents IS NOT (SELECT sum(debit_cents) FROM journal_lines
                                        WHERE entry_id = NEW.entry_id)
             OR NEW.total_cents IS NOT (SELECT sum(credit_cents) FROM journal_lines
                                        WHERE entry_id = NEW.entry_id);
        END""",
    ),
    postgresql=(
        """CREATE OR REPLACE FUNCTION journal_seals_balanced() RETURNS trigger
        LANGUAGE plpgsql AS $$
        DECLARE debits bigint; credits bigint;
        BEGIN
          -- waits for a line of another transaction, which holds the entry FOR KEY SHARE
          PERFORM 1 FROM journal_entries WHERE id = NEW.entry_id FOR UPDATE;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'journal entry does not exist'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          SELECT sum(debit_cents), sum(credit_cents) INTO debits, credits
            FROM journal_lines WHERE entry_id = NEW.entry_id;
          IF NEW.total_cents <= 0 OR NEW.total_cents IS DISTINCT FROM debits
             OR NEW.total_cents IS DISTINCT FROM credits THEN
            RAISE EXCEPTION 'journal entry does not balance'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$""",
        """CREATE TRIGGER journal_seals_balanced BEFORE INSERT ON journal_seals
        FOR EACH ROW EXECUTE FUNCTION journal_seals_balanced()""",
    ),
)

_NO_LATE_LINE = Rule(
    "journal_line_before_seal",
    sqlite=(
        """CREATE TRIGGER journal_lines_before_seal BEFORE INSERT ON journal_lines
        WHEN EXISTS (SELECT 1 FROM journal_seals WHERE entry_id = NEW.entry_id)
        BEGIN SELECT RAISE(ABORT, 'journal entry is sealed'); END""",
    ),
    postgresql=(
        """CREATE OR REPLACE FUNCTION journal_lines_before_seal() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM 1 FROM journal_entries WHERE id = NEW.entry_id FOR KEY SHARE;
          IF EXISTS (SELECT 1 FROM journal_seals WHERE entry_id = NEW.entry_id) THEN
            RAISE EXCEPTION 'journal entry is sealed'
              USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$""",
        """CREATE TRIGGER journal_lines_before_seal BEFORE INSERT ON journal_lines
        FOR EACH ROW EXECUTE FUNCTION journal_lines_before_seal()""",
    ),
)

LEDGER_RULES: tuple[Rule, ...] = (
    *(append_only(table) for table in _APPEND_ONLY),
    no_replace("audit_events", "seq = NEW.seq OR hash = NEW.hash"),
    no_replace("journal_entries", "id = NEW.id OR reverses_id = NEW.reverses_id"),
    no_replace("journal_lines", "entry_id = NEW.entry_id AND position = NEW.position"),
    no_replace("journal_seals", "entry_id = NEW.entry_id"),
    _SEAL,
    _NO_LATE_LINE,
)


def statements(dialect: str, rules: Sequence[Rule] = ()) -> list[str]:
    """The DDL of ``rules`` (the ledger's, when none are named) for ``sqlite`` or ``postgresql``."""
    chosen = rules or LEDGER_RULES
    if dialect not in {"sqlite", "postgresql"}:
        raise ValueError(f"no triggers are written for {dialect}")
    return [
        text
        for rule in chosen
        for text in (rule.sqlite if dialect == "sqlite" else rule.postgresql)
    ]


def create_all(connection: Connection, rules: Sequence[Rule] = ()) -> None:
    """Create ``rules`` (the ledger's, when none are named) on tables that exist without them."""
    for text in statements(connection.dialect.name, rules):
        connection.exec_driver_sql(text)
