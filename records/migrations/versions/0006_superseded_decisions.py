"""The decision that stands is found without reading all of them."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_decisions_supersedes_id", "decisions", ["supersedes_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_decisions_supersedes_id", table_name="decisions")
