"""The matching index by household: compact lists of homes under each key instead of a row each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PATTERN = "varchar_pattern_ops"


def upgrade() -> None:
    """Apply; ``lockbox matching reindex`` fills the new tables."""
    op.drop_table("account_keys")
    op.create_table(
        "account_homes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=41), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_homes")),
        sa.UniqueConstraint("label", name=op.f("uq_account_homes_label")),
    )
    op.create_table(
        "home_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("homes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", "block", name=op.f("pk_home_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "common_amounts",
        sa.Column("cents", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cents", name=op.f("pk_common_amounts")),
    )
    op.create_table(
        "index_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_state")),
    )
    op.drop_index("ix_accounts_address_key", table_name="accounts")
    op.drop_column("accounts", "address_key")
    op.add_column("accounts", sa.Column("home_id", sa.Integer(), nullable=True))
    for name in ("name_key", "guarantor_key"):
        op.drop_index(f"ix_accounts_{name}", table_name="accounts")
        op.create_index(
            f"ix_accounts_{name}", "accounts", [name, "office_id"], postgresql_ops={name: _PATTERN}
        )
    op.create_index(
        "ix_accounts_begin", "accounts", ["number"], postgresql_ops={"number": _PATTERN}
    )
    op.drop_index("ix_statements_open", table_name="statements")
    op.create_index("ix_statements_open", "statements", ["open_cents", "account_id"])
