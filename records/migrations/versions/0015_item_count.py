"""How many checks a deposit of a bank account may hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_counts import COUNT_RULES

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; no account has such a limit until somebody sets one."""
    op.add_column("bank_accounts", sa.Column("item_count_limit", sa.BigInteger(), nullable=True))
    triggers.create_all(op.get_bind(), COUNT_RULES)


def downgrade() -> None:
    """Take back."""
    tables = {"deposit_items_count": "deposit_items", "deposits_count": "deposits"}
    for name, table in tables.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}")
    op.drop_column("bank_accounts", "item_count_limit")
