"""Payment plans: what an account was agreed to pay each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; the next ``lockbox accounts import`` with plans fills it."""
    op.create_table(
        "payment_plans",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("instalment_cents", sa.BigInteger(), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "instalment_cents > 0", name=op.f("ck_payment_plans_instalment_above_zero")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payment_plans_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plans")),
        sa.UniqueConstraint("account_id", name=op.f("uq_payment_plans_account_id")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("payment_plans")
