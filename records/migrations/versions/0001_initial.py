"""The first tables, and the triggers that guard them."""

from __future__ import annotations

from alembic import op

from records import triggers, triggers_money
from records.models import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    triggers.create_all(connection)
    statements = (triggers_money.SQLITE if connection.dialect.name == "sqlite"
                  else triggers_money.POSTGRESQL)
    for statement in statements:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Going back is by restoring a backup: money records are never thrown away."""
    raise NotImplementedError("restore a backup instead")
