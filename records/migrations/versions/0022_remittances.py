"""Remittances as rows of their own, with the payment that each explains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

from records import crypto, ids

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_READ = ("to_check", "read")
_PARTNER = ("waiting", "joined", "none_needed", "dismissed")


def upgrade() -> None:
    """Apply; a remittance that is here already goes with the one payment of its envelope."""
    table = op.create_table(
        "remittances",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("payer_name", sa.String(length=120), nullable=False),
        sa.Column("payment_number", sa.String(length=60), nullable=False),
        sa.Column("company_id", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("explained_cents", sa.BigInteger(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("electronic", sa.Boolean(), nullable=False),
        sa.Column("doubtful", sa.BigInteger(), nullable=False),
        sa.Column("read_state", sa.String(length=20), nullable=False),
        sa.Column("partner_state", sa.String(length=20), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("joined_by", sa.String(length=80), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("copy_of_id", sa.String(length=36), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"read_state IN {_READ}", name=op.f("ck_remittances_read_state")),
        sa.CheckConstraint(
            f"partner_state IN {_PARTNER}", name=op.f("ck_remittances_partner_state")
        ),
        sa.CheckConstraint(
            "(partner_state = 'joined') = (payment_id IS NOT NULL)",
            name=op.f("ck_remittances_joined"),
        ),
        sa.CheckConstraint(
            "partner_state <> 'dismissed' OR reason <> ''", name=op.f("ck_remittances_why")
        ),
        sa.CheckConstraint(
            "copy_of_id IS NULL OR partner_state = 'dismissed'", name=op.f("ck_remittances_copy")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_remittances_{column}_{other}")
            )
            for column, other in (
                ("document_id", "documents"), ("office_id", "offices"),
                ("payment_id", "payments"), ("copy_of_id", "remittances"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittances")),
        sa.UniqueConstraint("ref", name=op.f("uq_remittances_ref")),
        sa.UniqueConstraint("document_id", name=op.f("uq_remittances_document_id")),
    )  # fmt: skip
    op.create_index("ix_remittances_payment_id", "remittances", ["payment_id"])
    op.create_index(
        "ix_remittances_office_id_partner_state", "remittances", ["office_id", "partner_state"]
    )
    _no_partners()
    _fill(table)


def _no_partners() -> None:
    standing = sa.text("ended_at IS NULL")
    op.create_table(
        "no_partners",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what IN ('remittance', 'credit')", name=op.f("ck_no_partners_what")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_no_partners_why")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_no_partners_ended")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_no_partners_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_partners")),
    )
    op.create_index(
        "ux_no_partners_standing", "no_partners", ["payment_id", "what"], unique=True,
        sqlite_where=standing, postgresql_where=standing,
    )  # fmt: skip


def _fill(table: sa.Table) -> None:
    """Rows for the remittances of registered envelopes, as their newest readings say."""
    connection = op.get_bind()
    found = connection.execute(sa.text(
        "SELECT d.id, d.kind, d.transaction_id, d.page_ids, t.office_id, f.created_at, r.sealed"
        " FROM documents d JOIN mail_transactions t ON t.id = d.transaction_id"
        " JOIN source_files f ON f.id = t.source_file_id"
        " JOIN readings r ON r.document_id = d.id AND r.version ="
        " (SELECT max(version) FROM readings WHERE document_id = d.id)"
        " WHERE d.kind = 'remittance' AND d.live AND t.live"
        " AND t.state IN ('registered', 'settled')"
    ).columns(page_ids=sa.JSON(), created_at=sa.DateTime(timezone=True))).all()  # fmt: skip
    for row in found:
        body = json.loads(crypto.keyring().open(bytes(row.sealed)))
        fields = body.get("fields") or {}
        payment_id = _payment(connection, row)
        amount = _value(fields, "total_paid_cents")
        electronic = not row.page_ids or any(
            isinstance(each, Mapping) and each.get("source") == "x12" for each in fields.values()
        )
        state = "joined" if payment_id else "none_needed" if amount == 0 else "waiting"
        connection.execute(table.insert().values(
            id=ids.new_id(), created_at=row.created_at, ref=ids.new_ref("REM"),
            document_id=row.id, office_id=row.office_id,
            payer_name=str(_value(fields, "payer_name") or "").replace("\n", " ")[:120],
            payment_number=str(_value(fields, "payment_number") or "")[:60], company_id="",
            method=str(_value(fields, "payment_method") or "").upper()[:10],
            amount_cents=amount if type(amount) is int else None, explained_cents=None,
            paid_on=_day(_value(fields, "payment_on")), electronic=electronic, doubtful=0,
            read_state="read" if _value(fields, "balanced") is True else "to_check",
            partner_state=state, payment_id=payment_id,
            joined_by="system:register" if payment_id else None,
            joined_at=row.created_at if payment_id else None, reason="",
            reasons=[], copy_of_id=None, late=False,
        ))  # fmt: skip


def _payment(connection: sa.Connection, row: Any) -> str | None:
    """The payment made of it, or the only live one of its envelope."""
    own = connection.scalar(
        sa.text("SELECT id FROM payments WHERE document_id = :id AND live"), {"id": row.id}
    )
    if own:
        return str(own)
    beside = connection.execute(
        sa.text("SELECT id FROM payments WHERE transaction_id = :id AND live"),
        {"id": row.transaction_id},
    ).all()
    return str(beside[0].id) if len(beside) == 1 else None


def _value(fields: Mapping[str, Any], name: str) -> Any:
    field = fields.get(name)
    return field.get("value") if isinstance(field, Mapping) else None


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


def downgrade() -> None:
    """Take back."""
    op.drop_table("no_partners")
    op.drop_table("remittances")
