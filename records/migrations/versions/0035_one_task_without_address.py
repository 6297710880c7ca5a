"""One live task for an account that has no address: NULLs are no duplicates in an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_NAME = "ux_task_accounts_live_without_address"
_LIVE = sa.text("live AND address_version_id IS NULL")
# Of two that were let in, the older one keeps the account; the other task goes on without.
_LATER = sa.text(
    """
    UPDATE task_accounts SET live = false
    WHERE live AND address_version_id IS NULL AND EXISTS (
        SELECT 1 FROM task_accounts older
        WHERE older.live AND older.address_version_id IS NULL
            AND older.account_id = task_accounts.account_id
            AND (older.created_at < task_accounts.created_at
                 OR (older.created_at = task_accounts.created_at AND older.id < task_accounts.id))
    )"""
)


def upgrade() -> None:
    """Apply."""
    op.execute(_LATER)
    op.create_index(_NAME, "task_accounts", ["account_id"], unique=True,
                    sqlite_where=_LIVE, postgresql_where=_LIVE)  # fmt: skip


def downgrade() -> None:
    """Take back."""
    op.drop_index(_NAME, table_name="task_accounts")
