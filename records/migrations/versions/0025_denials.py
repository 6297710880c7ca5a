"""What insurers did not pay, as work: denials and what was done about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_denials import DENIAL_RULES

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "denials",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("payer_name", sa.String(length=120), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("group_code", sa.String(length=2), nullable=False),
        sa.Column("reason_code", sa.String(length=10), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=True),
        sa.Column("procedure", sa.String(length=10), nullable=False),
        sa.Column("charged_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("at_stake_cents", sa.BigInteger(), nullable=False),
        sa.Column("claim_hmac", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("worked_by", sa.String(length=80), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overturned_by_id", sa.String(length=36), nullable=True),
        sa.Column("recovered_cents", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('denied', 'zero_paid', 'underpaid')", name=op.f("ck_denials_kind")
        ),
        sa.CheckConstraint("at_stake_cents > 0", name=op.f("ck_denials_at_stake")),
        sa.CheckConstraint("recovered_cents >= 0", name=op.f("ck_denials_recovered")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_denials_ended")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_denials_{column}_{to}"))
            for column, to in (
                ("document_id", "documents"),
                ("office_id", "offices"),
                ("account_id", "accounts"),
                ("overturned_by_id", "documents"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denials")),
        sa.UniqueConstraint("ref", name=op.f("uq_denials_ref")),
        sa.UniqueConstraint(
            "document_id", "claim", "line", name=op.f("uq_denials_document_id_claim_line")
        ),
    )
    op.create_index("ix_denials_account_id", "denials", ["account_id"])
    op.create_index("ix_denials_claim_hmac", "denials", ["claim_hmac"])
    op.create_index("ix_denials_office_id_state", "denials", ["office_id", "state"])
    op.create_index("ix_denials_told_on", "denials", ["told_on"])
    op.create_table(
        "denial_notes",
        sa.Column("denial_id", sa.String(length=36), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("from_state", sa.String(length=24), nullable=False),
        sa.Column("to_state", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["denial_id"], ["denials.id"], name=op.f("fk_denial_notes_denial_id_denials")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_notes")),
    )
    op.create_index("ix_denial_notes_denial_id", "denial_notes", ["denial_id"])
    triggers.create_all(op.get_bind(), DENIAL_RULES)


def downgrade() -> None:
    """Take back."""
    op.drop_table("denial_notes")
    op.drop_table("denials")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION denials_stay")
        op.execute("DROP FUNCTION denial_notes_refuse")
