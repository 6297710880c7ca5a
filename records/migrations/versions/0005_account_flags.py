"""Accounts that may be one patient's, and homes that may be one household: flags for people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; ``lockbox matching duplicates`` looks for them."""
    op.create_table(
        "account_flags",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("one", sa.String(length=41), nullable=False),
        sa.Column("other", sa.String(length=41), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("other_account_id", sa.String(length=36), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('patient', 'household')", name=op.f("ck_account_flags_kind")),
        sa.CheckConstraint(
            "state IN ('open','same','not_same','gone')", name=op.f("ck_account_flags_state")
        ),
        sa.CheckConstraint("account_id <> other_account_id", name=op.f("ck_account_flags_two")),
        sa.CheckConstraint(
            "(answered_by IS NULL) = (state IN ('open','gone'))",
            name=op.f("ck_account_flags_answered_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], ondelete="CASCADE",
            name=op.f("fk_account_flags_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["other_account_id"], ["accounts.id"], ondelete="CASCADE",
            name=op.f("fk_account_flags_other_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_flags")),
        sa.UniqueConstraint("kind", "one", "other", name=op.f("uq_account_flags_kind_one_other")),
    )  # fmt: skip
    op.create_index("ix_account_flags_account_id", "account_flags", ["account_id"])
    op.create_index("ix_account_flags_other_account_id", "account_flags", ["other_account_id"])
    op.create_index("ix_account_flags_order", "account_flags", ["state", "score", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("account_flags")
