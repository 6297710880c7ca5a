"""Practice-management systems that are spoken to directly, and when a posting was sent to one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; postings of before went as files and have no instant of sending."""
    op.create_table(
        "pms_connections",
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_pms_connections_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pms_connections")),
        sa.UniqueConstraint("office_id", name=op.f("uq_pms_connections_office_id")),
    )
    op.add_column("postings", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("postings", "sent_at")
    op.drop_table("pms_connections")
