"""No table of money is emptied around the rules of its rows."""

from __future__ import annotations

from alembic import op

from records import triggers
from records.triggers_emptied import EMPTIED_RULES, TABLES

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    triggers.create_all(op.get_bind(), EMPTIED_RULES)


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name != "sqlite":
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
        op.execute("DROP FUNCTION money_never_emptied")
