"""How often each evidence fits in an office: what tells that a scanner or an import changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; counting begins with the next payment."""
    op.create_table(
        "match_evidence",
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("newest", sa.String(length=400), nullable=False),
        sa.Column("earlier", sa.JSON(), nullable=False),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarm", sa.JSON(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_by", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(alarmed_at IS NULL) = (alarm IS NULL)", name=op.f("ck_match_evidence_alarm")
        ),
        sa.CheckConstraint(
            "(looked_at IS NULL) = (looked_by IS NULL)", name=op.f("ck_match_evidence_looked")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_match_evidence_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_evidence")),
        sa.UniqueConstraint(
            "office_id", "evidence", name=op.f("uq_match_evidence_office_id_evidence")
        ),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("match_evidence")
