"""Account changes on their way into the practice-management system."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_ID = sa.String(length=36)
_ACTOR = sa.String(length=80)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "change_exports",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("office_id", _ID, nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("created_by", _ACTOR, nullable=False),
        *_own("change_exports"),
        sa.UniqueConstraint("ref", name=op.f("uq_change_exports_ref")),
        *_keys("change_exports", office_id="offices"),
    )
    op.create_index("ix_change_exports_office_id", "change_exports", ["office_id"])
    op.create_table(
        "account_changes",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("office_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("task_id", _ID, nullable=True),
        sa.Column("address_version_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=180), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error", sa.LargeBinary(), nullable=True),
        sa.Column("export_id", _ID, nullable=True),
        sa.Column("pms_reference", sa.String(length=60), nullable=False),
        sa.Column("queued_by", _ACTOR, nullable=False),
        sa.Column("queued_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("answered_at", _INSTANT, nullable=True),
        *_own("account_changes"),
        sa.UniqueConstraint("ref", name=op.f("uq_account_changes_ref")),
        sa.UniqueConstraint("key", name=op.f("uq_account_changes_key")),
        *_keys(
            "account_changes",
            office_id="offices",
            account_id="accounts",
            task_id="address_tasks",
            address_version_id="address_versions",
            export_id="change_exports",
        ),
    )
    op.create_index("ix_account_changes_state", "account_changes", ["state", "office_id"])
    for column in ("account_id", "task_id", "export_id"):
        op.create_index(f"ix_account_changes_{column}", "account_changes", [column])


def _own(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _keys(table: str, **referred: str) -> tuple[sa.Constraint, ...]:
    return tuple(
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in referred.items()
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("account_changes")
    op.drop_table("change_exports")
