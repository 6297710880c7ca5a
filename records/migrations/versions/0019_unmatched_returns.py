"""Returned items whose check nobody knew: kept until a person says what they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_unmatched import UNMATCHED_RULES

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "unmatched_returns",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("bank_file_id", sa.String(length=36), nullable=True),
        sa.Column("bank_account_id", sa.String(length=36), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("forwarded_on", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_item_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('', 'tied', 'not_ours', 'entered')",
            name=op.f("ck_unmatched_returns_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome = '') = (ended_at IS NULL) AND (outcome = '') = (ended_by IS NULL)",
            name=op.f("ck_unmatched_returns_ended"),
        ),
        sa.CheckConstraint(
            "(outcome IN ('tied','entered')) = (returned_item_id IS NOT NULL)",
            name=op.f("ck_unmatched_returns_item"),
        ),
        sa.CheckConstraint(
            "outcome <> 'not_ours' OR note <> ''", name=op.f("ck_unmatched_returns_why")
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_unmatched_returns_amount")),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_unmatched_returns_{one}_id_{one}s")
            )
            for one in ("bank_file", "bank_account", "returned_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_returns")),
        sa.UniqueConstraint("ref", name=op.f("uq_unmatched_returns_ref")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_unmatched_returns_fingerprint")),
        sa.UniqueConstraint("returned_item_id", name=op.f("uq_unmatched_returns_returned_item_id")),
    )
    op.create_index("ix_unmatched_returns_outcome", "unmatched_returns", ["outcome"])
    triggers.create_all(op.get_bind(), UNMATCHED_RULES)


def downgrade() -> None:
    """Take back."""
    op.drop_table("unmatched_returns")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION unmatched_returns_frozen")
