"""Opening and closing balances as a bank's files tell them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_balances import BALANCE_RULES

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; a file that came before tells its balances when it is imported again."""
    op.create_table(
        "bank_balances",
        sa.Column("bank_file_id", sa.String(length=36), nullable=False),
        sa.Column("bank_account_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=True),
        sa.Column("closing_cents", sa.BigInteger(), nullable=True),
        sa.Column("moved_cents", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_bank_balances_days")),
        sa.CheckConstraint(
            "opening_cents IS NOT NULL OR closing_cents IS NOT NULL",
            name=op.f("ck_bank_balances_told"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_bank_balances_{one}_id_{one}s")
            )
            for one in ("bank_file", "bank_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_balances")),
        sa.UniqueConstraint(
            "bank_file_id", "position", name=op.f("uq_bank_balances_bank_file_id_position")
        ),
    )
    op.create_index(
        "ix_bank_balances_bank_account_id_to_on", "bank_balances", ["bank_account_id", "to_on"]
    )
    triggers.create_all(op.get_bind(), BALANCE_RULES)


def downgrade() -> None:
    """Take back."""
    op.drop_table("bank_balances")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION bank_balances_refuse")
