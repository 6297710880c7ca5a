"""Claims as the practice sent them, claims that remittances name, and parts that are held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_held import HELD_RULES

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _cents(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _row(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    """Apply."""
    _create_claims()
    _create_remitted()
    _create_held()
    triggers.create_all(op.get_bind(), HELD_RULES)


def _create_claims() -> None:
    op.create_table(
        "chart_claims",
        _text("number", 40),
        _text("payer_number", 40),
        _text("account_id", 36),
        _text("member_id", 40),
        _text("payer_name", 120),
        _cents("charged_cents"),
        *_row("chart_claims"),
        sa.CheckConstraint("charged_cents >= 0", name=op.f("ck_chart_claims_charged")),
        _points("chart_claims", "account_id", "accounts"),
        sa.UniqueConstraint("number", name=op.f("uq_chart_claims_number")),
    )
    for column in ("account_id", "member_id", "payer_number"):
        op.create_index(f"ix_chart_claims_{column}", "chart_claims", [column])
    op.create_table(
        "chart_claim_lines",
        _text("claim_id", 36),
        _cents("position"),
        sa.Column("service_on", sa.Date(), nullable=False),
        _text("procedure", 10),
        _text("modifiers", 20),
        _text("tooth", 10),
        _cents("units"),
        _cents("charged_cents"),
        _text("provider_name", 80),
        _text("surname_begin", 2),
        *_row("chart_claim_lines"),
        sa.CheckConstraint("charged_cents >= 0", name=op.f("ck_chart_claim_lines_charged")),
        _points("chart_claim_lines", "claim_id", "chart_claims"),
        sa.UniqueConstraint(
            "claim_id", "position", name=op.f("uq_chart_claim_lines_claim_id_position")
        ),
    )
    op.create_index(
        "ix_chart_claim_lines_found",
        "chart_claim_lines",
        ["service_on", "charged_cents", "surname_begin"],
    )


def _create_remitted() -> None:
    op.create_table(
        "remitted_claims",
        _text("document_id", 36),
        _cents("position"),
        _text("claim_hmac", 64),
        _text("status", 4),
        _cents("charged_cents", nullable=True),
        _cents("paid_cents", nullable=True),
        *_row("remitted_claims"),
        _points("remitted_claims", "document_id", "documents"),
        sa.UniqueConstraint(
            "document_id", "position", name=op.f("uq_remitted_claims_document_id_position")
        ),
    )
    op.create_index("ix_remitted_claims_claim_hmac", "remitted_claims", ["claim_hmac"])


def _create_held() -> None:
    op.create_table(
        "held_parts",
        _text("ref", 20),
        _text("payment_id", 36),
        _text("allocation_id", 36),
        _text("office_id", 36),
        _text("reason", 30),
        _text("label", 60),
        _cents("amount_cents"),
        _text("held_by", 80),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _text("pair_payment_id", 36, nullable=True),
        _text("pair_account_id", 36, nullable=True),
        _text("state", 20),
        _text("ended_by", 80, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _text("decision_id", 36, nullable=True),
        _text("note", 200),
        *_row("held_parts"),
        sa.CheckConstraint(
            "reason IN ('account_not_found', 'two_candidates', 'claim_not_found', "
            "'numbers_disagree', 'takeback', 'takeback_unknown', 'insurer_adjustment', "
            "'line_unreadable', 'not_our_patient', 'remainder', 'other')",
            name=op.f("ck_held_parts_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('open','placed','withdrawn')", name=op.f("ck_held_parts_state")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL) AND (state = 'open') = (ended_by IS NULL)",
            name=op.f("ck_held_parts_ended"),
        ),
        sa.CheckConstraint(
            "(state = 'placed') = (decision_id IS NOT NULL)", name=op.f("ck_held_parts_placed")
        ),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_held_parts_amount")),
        _points("held_parts", "payment_id", "payments"),
        _points("held_parts", "allocation_id", "allocations"),
        _points("held_parts", "office_id", "offices"),
        _points("held_parts", "pair_payment_id", "payments"),
        _points("held_parts", "pair_account_id", "accounts"),
        _points("held_parts", "decision_id", "decisions"),
        sa.UniqueConstraint("ref", name=op.f("uq_held_parts_ref")),
        sa.UniqueConstraint("allocation_id", name=op.f("uq_held_parts_allocation_id")),
    )
    op.create_index("ix_held_parts_payment_id", "held_parts", ["payment_id"])
    op.create_index("ix_held_parts_state", "held_parts", ["state", "office_id"])


def downgrade() -> None:
    """Take back."""
    for table in ("held_parts", "remitted_claims", "chart_claim_lines", "chart_claims"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION held_parts_frozen")
