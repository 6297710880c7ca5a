"""Layouts of payers' remittances as people taught them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_layouts import LAYOUT_RULES

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; nothing is learned yet."""
    op.create_table(
        "payer_layouts",
        sa.Column("fingerprint", sa.String(length=120), nullable=False),
        sa.Column("payer", sa.String(length=120), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_layouts")),
        sa.UniqueConstraint(
            "fingerprint", "version", name=op.f("uq_payer_layouts_fingerprint_version")
        ),
    )
    op.create_index(
        "ux_payer_layouts_live", "payer_layouts", ["fingerprint"], unique=True,
        sqlite_where=sa.text("live"), postgresql_where=sa.text("live"),
    )  # fmt: skip
    triggers.create_all(op.get_bind(), LAYOUT_RULES)


def downgrade() -> None:
    """Take back."""
    op.drop_table("payer_layouts")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION payer_layouts_frozen")
