"""One credit for several announced payments, one EOB for several checks; what raw SQL may not do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.remittance_evidence import SHARED
from records.triggers_partners import PARTNER_RULES
from records.triggers_settling import ANNOUNCED_WHOLE, SETTLES

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_COLUMNS = (
    "bank_line_id, deposit_id, returned_item_id, payment_id, explanation, amount_cents, "
    "difference_cents, adjustment_reason, actor, id, created_at"
)
_OWN = ("settlements_fit", "settlements_stay", "settlements_leave")
_PAIR = "uq_settlements_bank_line_id_payment_id"


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        _settlements_anew()
        triggers.create_all(op.get_bind(), [SETTLES])
    else:
        op.drop_constraint("uq_settlements_payment_id", "settlements", type_="unique")
        op.create_unique_constraint(op.f(_PAIR), "settlements", ["bank_line_id", "payment_id"])
        op.create_index("ix_settlements_payment_id", "settlements", ["payment_id"])
        triggers.create_all(op.get_bind(), [triggers.instead(SETTLES)])
    _shares()
    op.add_column(
        "no_partners",
        sa.Column("ended_why", sa.String(length=200), nullable=False, server_default=""),
    )
    op.execute("DROP VIEW payment_remittances")
    op.execute(SHARED)
    triggers.create_all(op.get_bind(), [ANNOUNCED_WHOLE, *PARTNER_RULES])


def _shares() -> None:
    op.create_table(
        "remittance_shares",
        sa.Column("remittance_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("adjustments", sa.JSON(), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_remittance_shares_ended")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_remittance_shares_amount")),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_remittance_shares_{one}_id_{one}s")
            )
            for one in ("remittance", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance_shares")),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "ux_remittance_shares_live", "remittance_shares", ["remittance_id", "payment_id"],
        unique=True, sqlite_where=live, postgresql_where=live,
    )  # fmt: skip
    op.create_index("ix_remittance_shares_payment_id", "remittance_shares", ["payment_id"])


def _settlements_anew() -> None:
    """SQLite drops no constraint. The rows wait beside the table while it is made anew: renaming
    one would ask the triggers of other tables, which name it, what it is meanwhile."""
    others = op.get_bind().scalars(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = "
                "'settlements' AND name NOT IN :own").bindparams(
            sa.bindparam("own", _OWN, expanding=True))
    ).all()  # fmt: skip
    op.execute("CREATE TEMPORARY TABLE settlements_before AS SELECT * FROM settlements")
    op.drop_table("settlements")
    op.create_table(
        "settlements",
        sa.Column("bank_line_id", sa.String(length=36), nullable=False),
        *(
            sa.Column(f"{one}_id", sa.String(length=36), nullable=True)
            for one in ("deposit", "returned_item", "payment")
        ),
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
        sa.UniqueConstraint("bank_line_id", "payment_id", name=op.f(_PAIR)),
        sa.UniqueConstraint("returned_item_id", name=op.f("uq_settlements_returned_item_id")),
    )
    op.execute(
        f"INSERT INTO settlements ({_COLUMNS}) SELECT {_COLUMNS} FROM settlements_before"  # noqa: S608 - constants
    )
    op.execute("DROP TABLE settlements_before")
    for one in ("bank_line", "deposit", "payment"):
        op.create_index(f"ix_settlements_{one}_id", "settlements", [f"{one}_id"])
    for trigger in others:
        op.get_bind().exec_driver_sql(trigger)


def downgrade() -> None:
    """Going back is by restoring a backup: money settled together would break the rule before."""
    raise NotImplementedError("restore a backup instead")
