"""Where the paper of deposited checks lies, until when, and who destroyed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "paper_originals",
        sa.Column("deposit_id", sa.String(length=36), nullable=False),
        sa.Column("location", sa.String(length=120), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("stored_by", sa.String(length=80), nullable=False),
        sa.Column("destroyed_by", sa.String(length=80), nullable=True),
        sa.Column("witnessed_by", sa.String(length=80), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "witnessed_by IS NULL OR witnessed_by <> destroyed_by",
            name=op.f("ck_paper_originals_two_people"),
        ),
        sa.CheckConstraint(
            "(destroyed_at IS NULL) = (witnessed_by IS NULL)",
            name=op.f("ck_paper_originals_destroyed"),
        ),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["deposits.id"], name=op.f("fk_paper_originals_deposit_id_deposits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_originals")),
        sa.UniqueConstraint("deposit_id", name=op.f("uq_paper_originals_deposit_id")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("paper_originals")
