"""Fitted models, what people's answers prove of them, and the targets that people accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _identified() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    """Apply; the shipped model is on, and nothing is proved or accepted yet."""
    op.create_table(
        "match_models",
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("switched_on_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("switched_on_by", sa.String(length=80), nullable=True),
        sa.Column("active", sa.BigInteger(), nullable=True),
        *_identified(),
        sa.CheckConstraint("active = 1", name=op.f("ck_match_models_active")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_models")),
        sa.UniqueConstraint("active", name=op.f("uq_match_models_active")),
        sa.UniqueConstraint("version", name=op.f("uq_match_models_version")),
    )
    op.create_table(
        "match_proof",
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        *_identified(),
        sa.CheckConstraint("seen >= wrong AND wrong >= 0", name=op.f("ck_match_proof_counts")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_match_proof_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_proof")),
        sa.UniqueConstraint(
            "office_id", "stratum", "version", "least",
            name=op.f("uq_match_proof_office_id_stratum_version_least"),
        ),
    )  # fmt: skip
    op.create_table(
        "match_strata",
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("accepted_by", sa.String(length=80), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarm", sa.JSON(), nullable=True),
        *_identified(),
        sa.CheckConstraint(
            "target IS NULL OR (target > 0 AND target < 1)", name=op.f("ck_match_strata_target")
        ),
        sa.CheckConstraint(
            "(target IS NULL) = (accepted_by IS NULL)", name=op.f("ck_match_strata_accepted")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_match_strata_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_strata")),
        sa.UniqueConstraint("office_id", "stratum", name=op.f("uq_match_strata_office_id_stratum")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("match_strata")
    op.drop_table("match_proof")
    op.drop_table("match_models")
