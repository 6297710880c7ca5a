"""A remittance that was parted from the payment beside it explains it no more."""

from __future__ import annotations

from alembic import op

from records.remittance_evidence import VIEW

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: the view as it is now."""
    op.execute("DROP VIEW payment_remittances")
    op.execute(VIEW)


def downgrade() -> None:
    """Nothing to take back: the view goes with 0024."""
