"""One debit of the bank may charge back several returned items."""

from __future__ import annotations

from alembic import op

from records import triggers
from records.triggers_settling import SETTLES

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: the rule of what a bank line settles, anew."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("settlements_fit", "settlements_stay", "settlements_leave"):
            op.execute(f"DROP TRIGGER {name}")
    triggers.create_all(op.get_bind(), [SETTLES])


def downgrade() -> None:
    """Going back is by restoring a backup: items settled together would break the rule before."""
    raise NotImplementedError("restore a backup instead")
