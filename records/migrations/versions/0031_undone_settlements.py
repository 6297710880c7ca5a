"""What a bank's credit paid may be taken back while nothing of it is posted; what it said stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_undone import UNDONE_RULES

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "undone_settlements",
        sa.Column("settlement_id", sa.String(length=36), nullable=False),
        sa.Column("bank_line_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("difference_cents", sa.BigInteger(), nullable=False),
        sa.Column("adjustment_reason", sa.String(length=120), nullable=False),
        sa.Column("settled_by", sa.String(length=80), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_undone_settlements_why")),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"],
                name=op.f(f"fk_undone_settlements_{one}_id_{one}s"),
            )
            for one in ("bank_line", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_settlements")),
        sa.UniqueConstraint("settlement_id", name=op.f("uq_undone_settlements_settlement_id")),
    )  # fmt: skip
    for one in ("bank_line", "payment"):
        op.create_index(f"ix_undone_settlements_{one}_id", "undone_settlements", [f"{one}_id"])
    triggers.create_all(op.get_bind(), UNDONE_RULES)


def downgrade() -> None:
    """Going back is by restoring a backup: what was taken back would be lost."""
    raise NotImplementedError("restore a backup instead")
