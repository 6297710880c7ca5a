"""Whether a person agreed with a match that would have gone by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ANSWERED = sa.text("agreed IS NOT NULL")


def upgrade() -> None:
    """Apply; decisions made before were no answers to a sample."""
    op.add_column("decisions", sa.Column("agreed", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_decisions_answered",
        "decisions",
        ["created_at"],
        sqlite_where=_ANSWERED,
        postgresql_where=_ANSWERED,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_decisions_answered", table_name="decisions")
    op.drop_column("decisions", "agreed")
