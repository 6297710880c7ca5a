"""Each check's views, cash letters, and how a bank account's deposits reach the bank."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _identified() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    """Apply; no account sends cash letters until somebody says how."""
    op.add_column(
        "bank_accounts",
        sa.Column("deposit_settings", sa.JSON(), nullable=False, server_default="{}"),
    )
    op.create_table(
        "check_images",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("front_sha256", sa.String(length=64), nullable=True),
        sa.Column("back_sha256", sa.String(length=64), nullable=True),
        sa.Column("back_made", sa.Boolean(), nullable=False),
        sa.Column("suspects", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("accepted_by", sa.String(length=80), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        *_identified(),
        sa.CheckConstraint(
            "(front_sha256 IS NULL) = (problem <> '')", name=op.f("ck_check_images_front")
        ),
        sa.CheckConstraint(
            "(accepted_by IS NULL) = (accepted_at IS NULL)", name=op.f("ck_check_images_accepted")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_check_images_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_images")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_check_images_payment_id")),
    )
    op.create_table(
        "cash_letters",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("deposit_id", sa.String(length=36), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("item_count", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        *_identified(),
        sa.CheckConstraint("number > 0", name=op.f("ck_cash_letters_number")),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["deposits.id"], name=op.f("fk_cash_letters_deposit_id_deposits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_letters")),
        sa.UniqueConstraint("deposit_id", name=op.f("uq_cash_letters_deposit_id")),
        sa.UniqueConstraint("number", name=op.f("uq_cash_letters_number")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("cash_letters")
    op.drop_table("check_images")
    op.drop_column("bank_accounts", "deposit_settings")
