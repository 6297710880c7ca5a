"""ACS files are taken in block by block: what each announces, holds, and was refused of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_TABLE = "acs_files"
_ID = sa.String(length=36)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        _TABLE,
        sa.Column("source_file_id", _ID, nullable=False),
        sa.Column("announced", sa.BigInteger(), nullable=True),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("source_file_id", name=op.f(f"uq_{_TABLE}_source_file_id")),
        sa.ForeignKeyConstraint(
            ["source_file_id"], ["source_files.id"],
            name=op.f(f"fk_{_TABLE}_source_file_id_source_files"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    """Take back."""
    op.drop_table(_TABLE)
