"""Checks kept out of deposits: why, since when, and how it ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import ids, triggers
from records.triggers_exceptions import EXCEPTION_RULES

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OUTCOMES = (
    "", "put_back", "date_came", "another_check", "returned_to_sender", "returned_to_office",
    "sent_for_collection", "new_check_asked", "same_check", "other_reason", "held",
)  # fmt: skip


def upgrade() -> None:
    """Apply; what is not deposited now is open under its reason, as it was set."""
    open_ones = sa.text("outcome = ''")
    table = op.create_table(
        "deposit_exceptions",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = '') = (ended_at IS NULL) AND (outcome = '') = (ended_by IS NULL)",
            name=op.f("ck_deposit_exceptions_ended"),
        ),
        sa.CheckConstraint(f"outcome IN {_OUTCOMES}", name=op.f("ck_deposit_exceptions_outcome")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_deposit_exceptions_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_exceptions")),
    )
    op.create_index("ix_deposit_exceptions_payment_id", "deposit_exceptions", ["payment_id"])
    op.create_index(
        "ux_deposit_exceptions_open", "deposit_exceptions", ["payment_id"], unique=True,
        sqlite_where=open_ones, postgresql_where=open_ones,
    )  # fmt: skip
    _fill(table)
    triggers.create_all(op.get_bind(), EXCEPTION_RULES)


def _fill(table: sa.Table) -> None:
    connection = op.get_bind()
    payments = sa.table(
        "payments", sa.column("id"), sa.column("not_deposited_reason"), sa.column("deposit_state"),
        sa.column("created_at", sa.DateTime(timezone=True)), sa.column("written_on", sa.Date()),
        sa.column("received_on", sa.Date()),
    )  # fmt: skip
    events = sa.table("audit_events", sa.column("subject_id"), sa.column("actor"),
                      sa.column("action"), sa.column("seq"))  # fmt: skip
    held = connection.execute(
        sa.select(payments).where(payments.c.deposit_state == "not_deposited")
    ).all()
    for row in held:
        by = connection.scalar(
            sa.select(events.c.actor)
            .where(events.c.subject_id == row.id, events.c.action == "payment.set_aside")
            .order_by(events.c.seq.desc())
            .limit(1)
        )
        dated = row.written_on if row.not_deposited_reason == "postdated" else None
        connection.execute(table.insert().values(
            payment_id=row.id, reason=row.not_deposited_reason or "held",
            set_by=by or "system:register",
            until_on=dated if dated and dated > row.received_on else None,
            outcome="", id=ids.new_id(), created_at=row.created_at,
        ))  # fmt: skip


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER payments_kept_out")
    else:
        op.execute("DROP TRIGGER payments_kept_out ON payments")
    op.drop_table("deposit_exceptions")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION payments_kept_out")
        op.execute("DROP FUNCTION deposit_exceptions_frozen")
