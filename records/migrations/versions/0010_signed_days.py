"""Signed days, and bank lines that settle several deposits or a part of one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_proofs import PROOF_RULES
from records.triggers_settling import SETTLING_RULES

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; each settlement there is takes the whole of its line."""
    op.create_table(
        "day_signatures",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("bank_account_id", sa.String(length=36), nullable=False),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=False),
        sa.Column("unexplained_cents", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unexplained_cents = 0", name=op.f("ck_day_signatures_explained")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_accounts.id"],
            name=op.f("fk_day_signatures_bank_account_id_bank_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_signatures")),
        sa.UniqueConstraint("ref", name=op.f("uq_day_signatures_ref")),
        sa.UniqueConstraint(
            "bank_account_id", "day_on", name=op.f("uq_day_signatures_bank_account_id_day_on")
        ),
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        _settlements_anew()
    else:
        _settlements_in_place()
    op.create_index("ix_settlements_bank_line_id", "settlements", ["bank_line_id"])
    op.create_index("ix_settlements_deposit_id", "settlements", ["deposit_id"])
    triggers.create_all(op.get_bind(), [*PROOF_RULES, *SETTLING_RULES])


_COLUMNS = (
    "bank_line_id, deposit_id, returned_item_id, payment_id, explanation, difference_cents, "
    "adjustment_reason, actor, id, created_at"
)


def _settlements_anew() -> None:
    """SQLite drops no constraint: the rows go into a new table; triggers go with the old one."""
    op.create_table(
        "settlements_anew",
        sa.Column("bank_line_id", sa.String(length=36), nullable=False),
        sa.Column("deposit_id", sa.String(length=36), nullable=True),
        sa.Column("returned_item_id", sa.String(length=36), nullable=True),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("explanation", sa.String(length=120), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("difference_cents", sa.BigInteger(), nullable=False),
        sa.Column("adjustment_reason", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "difference_cents = 0 OR adjustment_reason <> ''",
            name=op.f("ck_settlements_difference"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_settlements_amount")),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_settlements_{one}_id_{one}s")
            )
            for one in ("bank_line", "deposit", "returned_item", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint(
            "bank_line_id", "deposit_id", name=op.f("uq_settlements_bank_line_id_deposit_id")
        ),
        sa.UniqueConstraint("payment_id", name=op.f("uq_settlements_payment_id")),
        sa.UniqueConstraint("returned_item_id", name=op.f("uq_settlements_returned_item_id")),
    )
    op.execute(
        f"INSERT INTO settlements_anew ({_COLUMNS}, amount_cents) "  # noqa: S608 - constants
        f"SELECT {', '.join('s.' + name.strip() for name in _COLUMNS.split(','))}, "
        "l.amount_cents FROM settlements s JOIN bank_lines l ON l.id = s.bank_line_id"
    )
    op.drop_table("settlements")
    op.rename_table("settlements_anew", "settlements")


def _settlements_in_place() -> None:
    op.add_column("settlements", sa.Column("amount_cents", sa.BigInteger(), nullable=True))
    op.execute("ALTER TABLE settlements DISABLE TRIGGER settlements_fit")
    op.execute(
        "UPDATE settlements s SET amount_cents = l.amount_cents FROM bank_lines l "
        "WHERE l.id = s.bank_line_id"
    )
    op.execute("ALTER TABLE settlements ENABLE TRIGGER settlements_fit")
    op.alter_column("settlements", "amount_cents", nullable=False)
    op.create_check_constraint(op.f("ck_settlements_amount"), "settlements", "amount_cents >= 0")
    op.drop_constraint("uq_settlements_bank_line_id", "settlements", type_="unique")
    op.drop_constraint("uq_settlements_deposit_id", "settlements", type_="unique")
    op.create_unique_constraint(
        op.f("uq_settlements_bank_line_id_deposit_id"), "settlements",
        ["bank_line_id", "deposit_id"],
    )  # fmt: skip


def downgrade() -> None:
    """Going back is by restoring a backup: a signed day is never thrown away."""
    raise NotImplementedError("restore a backup instead")
