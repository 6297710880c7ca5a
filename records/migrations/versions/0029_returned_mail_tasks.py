"""Returned mail as work: pieces, plays in versions, households, remails, guarded steps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_returned import RETURNED_RULES

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TASKS: tuple[sa.Column[Any], ...] = (
    sa.Column("play", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("play_version", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("step", sa.String(length=20), nullable=False, server_default="triage"),
    sa.Column("clock_on", sa.Date(), nullable=True),
    sa.Column("queue", sa.String(length=20), nullable=False, server_default=""),
    sa.Column("priority", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("waited", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("supervisor_at", sa.DateTime(timezone=True), nullable=True),
)
# One unfinished task of an account and address: the oldest, where the program before made two.
_LIVE = """
INSERT INTO task_accounts
  (id, created_at, task_id, account_id, address_version_id, household, live, actor)
SELECT t.id, t.created_at, t.id, t.account_id, t.address_version_id, false, true, 'system:migration'
FROM address_tasks t
WHERE t.state IN ('open', 'in_progress') AND t.account_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM address_tasks o WHERE o.state IN ('open', 'in_progress')
    AND o.account_id = t.account_id AND o.id < t.id
    AND (o.address_version_id = t.address_version_id))
"""
_PIECES = """
INSERT INTO returned_pieces
  (id, created_at, document_id, office_id, task_id, account_id, address_version_id, reason,
   outcome, imb_key)
SELECT t.id, t.created_at, t.document_id, t.office_id, t.id, t.account_id, t.address_version_id,
       t.reason, 'opened', t.piece_key
FROM address_tasks t JOIN documents d ON d.id = t.document_id WHERE d.kind = 'returned_mail'
"""


def upgrade() -> None:
    """Apply."""
    for column in _TASKS:
        op.add_column("address_tasks", column)
    op.add_column("task_attempts", sa.Column("next_on", sa.Date(), nullable=True))
    _accounts()
    _pieces()
    _remails()
    _said()
    _confidential()
    op.execute(_LIVE)
    op.execute(_PIECES)
    triggers.create_all(op.get_bind(), RETURNED_RULES)


def _text(name: str, length: int = 36, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _keys(table: str, **to: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
        for name, other in to.items()
    ]


def _identified(table: str) -> list[sa.Column[Any] | sa.PrimaryKeyConstraint]:
    return [
        _text("id"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _accounts() -> None:
    table = "task_accounts"
    op.create_table(
        table, _text("task_id"), _text("account_id"), _text("address_version_id", nullable=True),
        sa.Column("household", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False), _text("actor", 80),
        *_keys(table, task_id="address_tasks", account_id="accounts",
               address_version_id="address_versions"),
        *_identified(table),
    )  # fmt: skip
    live = sa.text("live")
    op.create_index("ux_task_accounts_live", table, ["account_id", "address_version_id"],
                    unique=True, sqlite_where=live, postgresql_where=live)  # fmt: skip
    op.create_index("ix_task_accounts_task_id", table, ["task_id"])


def _pieces() -> None:
    table = "returned_pieces"
    op.create_table(
        table, _text("document_id"), _text("office_id"), _text("task_id", nullable=True),
        _text("account_id", nullable=True), _text("address_version_id", nullable=True),
        _text("statement_id", nullable=True), _text("reason", 40), _text("outcome", 20),
        _text("label_key", 80, nullable=True), _text("imb_key", 80, nullable=True),
        *_keys(table, document_id="documents", office_id="offices", task_id="address_tasks",
               account_id="accounts", address_version_id="address_versions",
               statement_id="statements"),
        sa.UniqueConstraint("document_id", name=op.f(f"uq_{table}_document_id")),
        *_identified(table),
    )  # fmt: skip
    for name in ("label_key", "imb_key", "task_id"):
        op.create_index(f"ix_{table}_{name}", table, [name])
    op.create_index(f"ix_{table}_account_id", table, ["account_id", "address_version_id"])


def _remails() -> None:
    table = "remails"
    op.create_table(
        table, _text("ref", 20), _text("task_id"), _text("office_id"), _text("account_id"),
        _text("address_version_id"), _text("statement_id"),
        sa.Column("round", sa.BigInteger(), nullable=False), _text("why", 20),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        _text("mailed_by", 80, nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        _text("cancelled_by", 80, nullable=True),
        *_keys(table, task_id="address_tasks", office_id="offices", account_id="accounts",
               address_version_id="address_versions", statement_id="statements"),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
        sa.UniqueConstraint("task_id", "account_id", "round",
                            name=op.f(f"uq_{table}_task_id_account_id_round")),
        *_identified(table),
    )  # fmt: skip
    op.create_index("ix_remails_waiting", table, ["mailed_at", "due_on"])
    op.create_index("ix_remails_account_id", table, ["account_id", "address_version_id"])


def _said() -> None:
    table = "guarded_steps"
    op.create_table(
        table, _text("task_id"), _text("queue", 20), _text("step", 20), _text("outcome", 40),
        sa.Column("sealed", sa.LargeBinary(), nullable=False), _text("actor", 80),
        *_keys(table, task_id="address_tasks"), *_identified(table),
    )  # fmt: skip
    op.create_index("ix_guarded_steps_task_id", table, ["task_id"])
    table = "play_versions"
    op.create_table(
        table, _text("office_id", nullable=True), _text("reason", 40),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False), _text("actor", 80),
        *_keys(table, office_id="offices"), *_identified(table),
    )  # fmt: skip
    op.create_index("ix_play_versions_reason", table, ["reason", "office_id"])
    table = "task_texts"
    op.create_table(
        table, _text("office_id", nullable=True), _text("kind", 20), _text("language", 2),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False), _text("actor", 80),
        *_keys(table, office_id="offices"), *_identified(table),
    )  # fmt: skip
    op.create_index("ix_task_texts_kind", table, ["kind", "language", "office_id"])


def _confidential() -> None:
    table = "confidential_addresses"
    op.create_table(
        table, _text("account_id"), _text("address_version_id"), _text("asked_by", 80),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _text("ended_by", 80, nullable=True),
        *_keys(table, account_id="accounts", address_version_id="address_versions"),
        *_identified(table),
    )  # fmt: skip
    live = sa.text("ended_at IS NULL")
    op.create_index("ux_confidential_addresses_live", table, ["account_id"], unique=True,
                    sqlite_where=live, postgresql_where=live)  # fmt: skip


def downgrade() -> None:
    """Take back: the tables, and the columns of tasks."""
    for table in ("confidential_addresses", "task_texts", "play_versions", "guarded_steps",
                  "remails", "returned_pieces", "task_accounts"):  # fmt: skip
        op.drop_table(table)
    op.drop_column("task_attempts", "next_on")
    for column in _TASKS:
        op.drop_column("address_tasks", column.name)
    if op.get_bind().dialect.name != "sqlite":
        for rule in ("play_versions_refuse", "task_texts_refuse", "guarded_steps_refuse",
                     "remails_mailed_once", "confidential_address_stays"):  # fmt: skip
            op.execute(f"DROP FUNCTION IF EXISTS {rule} CASCADE")
    else:
        op.execute("DROP TRIGGER IF EXISTS confidential_address_stays")
