"""Which remittances explain a payment, as a view; postings and remittances ask it."""

from __future__ import annotations

from alembic import op

from records import triggers
from records.remittance_evidence import VIEW
from records.triggers import instead
from records.triggers_postings import POSTING_ENTERS
from records.triggers_remittances import REMITTANCE_RULES

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute(VIEW)
    triggers.create_all(op.get_bind(), REMITTANCE_RULES)


def downgrade() -> None:
    """Take back."""
    triggers.create_all(op.get_bind(), [instead(POSTING_ENTERS)])
    if op.get_bind().dialect.name == "sqlite":
        for name in ("fit_insert", "fit_update", "stay", "same"):
            op.execute(f"DROP TRIGGER remittances_{name}")
    else:
        for name in ("fit", "never_emptied"):
            op.execute(f"DROP TRIGGER remittances_{name} ON remittances")
        op.execute("DROP FUNCTION remittances_fit")
    op.execute("DROP VIEW payment_remittances")
