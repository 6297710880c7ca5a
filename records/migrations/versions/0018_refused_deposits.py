"""Deposits that a bank refused: their items stay, and hold their checks no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_refused import ITEM_RULES, LETTER_RULES, REFUSAL_RULES

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COLUMNS = "deposit_id, payment_id, presentation, position, amount_cents, added_by, id, created_at"
_OWN = ("deposit_items_enter", "deposit_items_no_update", "deposit_items_leave")
_FOLLOWS = "fk_deposits_follows_id_deposits"


def upgrade() -> None:
    """Apply; every item there is holds its check."""
    op.add_column("deposits", sa.Column("rejection", sa.String(length=20), nullable=True))
    op.add_column("deposits", sa.Column("rejection_reason", sa.String(length=200), nullable=True))
    op.add_column("deposits", sa.Column("rejected_by", sa.String(length=80), nullable=True))
    op.add_column(
        "deposits", sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True)
    )  # fmt: skip
    op.execute(
        f"ALTER TABLE deposits ADD COLUMN follows_id VARCHAR(36) "
        f"CONSTRAINT {_FOLLOWS} REFERENCES deposits (id)"
    )
    op.create_index("ix_deposits_follows_id", "deposits", ["follows_id"])
    if op.get_bind().dialect.name == "sqlite":
        _items_anew()
    else:
        op.add_column(
            "deposit_items",
            sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.true()),
        )
        op.drop_constraint(
            "uq_deposit_items_payment_id_presentation", "deposit_items", type_="unique"
        )
    op.create_index("ix_deposit_items_payment_id", "deposit_items", ["payment_id"])
    op.create_index(
        "ux_deposit_items_live", "deposit_items", ["payment_id", "presentation"], unique=True,
        sqlite_where=sa.text("live"), postgresql_where=sa.text("live"),
    )  # fmt: skip
    triggers.create_all(op.get_bind(), [*ITEM_RULES, *REFUSAL_RULES, *LETTER_RULES])


def _items_anew() -> None:
    """SQLite drops no constraint. The rows wait beside the table while it is made anew: renaming
    one would ask the triggers of other tables, which name it, what it is meanwhile."""
    others = op.get_bind().scalars(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = "
                "'deposit_items' AND name NOT IN :own").bindparams(
            sa.bindparam("own", _OWN, expanding=True))
    ).all()  # fmt: skip
    op.execute("CREATE TEMPORARY TABLE items_before AS SELECT * FROM deposit_items")
    op.drop_table("deposit_items")
    op.create_table(
        "deposit_items",
        sa.Column("deposit_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("presentation", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_deposit_items_{one}_id_{one}s")
            )
            for one in ("deposit", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_items")),
    )
    op.execute(
        f"INSERT INTO deposit_items ({_COLUMNS}, live) "  # noqa: S608 - constants
        f"SELECT {_COLUMNS}, true FROM items_before"
    )
    op.execute("DROP TABLE items_before")
    op.create_index("ix_deposit_items_deposit_id", "deposit_items", ["deposit_id"])
    for trigger in others:
        op.get_bind().exec_driver_sql(trigger)


def downgrade() -> None:
    """Going back is by restoring a backup: money records are never thrown away."""
    raise NotImplementedError("restore a backup instead")
