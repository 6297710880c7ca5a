"""The day on which an address task becomes a supervisor's, so that a day finds its tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("address_tasks", sa.Column("supervisor_on", sa.Date(), nullable=True))
    op.create_index("ix_address_tasks_supervisor_on", "address_tasks", ["supervisor_on"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_address_tasks_supervisor_on", "address_tasks")
    op.drop_column("address_tasks", "supervisor_on")
