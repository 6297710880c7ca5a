"""Addresses with their evidence and verification, proposed ones, and verifiers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from records import triggers
from records.triggers_addresses import ADDRESS_RULES, ADDRESS_STAYS

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_ID = sa.String(length=36)
_ACTOR = sa.String(length=80)


def upgrade() -> None:
    """Apply."""
    _versions()
    _candidates()
    _verifiers()
    _requests()
    triggers.create_all(op.get_bind(), [triggers.instead(ADDRESS_STAYS), *ADDRESS_RULES])


def _versions() -> None:
    for column in (
        sa.Column("care_of", sa.String(length=80), nullable=False, server_default=""),
        sa.Column("evidence_page", sa.BigInteger(), nullable=True),
        sa.Column("evidence_box", sa.JSON(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("verified_at", _INSTANT, nullable=True),
        sa.Column("verified_by", _ACTOR, nullable=True),
    ):
        op.add_column("address_versions", column)


def _candidates() -> None:
    op.create_table(
        "address_candidates",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("task_id", _ID, nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_hmac", sa.String(length=64), nullable=False),
        sa.Column("names_agree", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("evidence_document_id", _ID, nullable=True),
        sa.Column("evidence_page", sa.BigInteger(), nullable=True),
        sa.Column("evidence_box", sa.JSON(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("proposed_by", _ACTOR, nullable=False),
        sa.Column("decided_by", _ACTOR, nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("version_id", _ID, nullable=True),
        *_own("address_candidates"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_address_candidates_decided"),
        ),
        *_keys(
            "address_candidates",
            account_id="accounts",
            task_id="address_tasks",
            evidence_document_id="documents",
            version_id="address_versions",
        ),
    )
    open_ones = sa.text("state = 'open'")
    op.create_index(
        "ux_address_candidates_open", "address_candidates", ["account_id", "address_hmac"],
        unique=True, sqlite_where=open_ones, postgresql_where=open_ones,
    )  # fmt: skip
    op.create_index("ix_address_candidates_task_id", "address_candidates", ["task_id"])


def _verifiers() -> None:
    op.create_table(
        "address_verifiers",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("per_hour", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("paused_until", _INSTANT, nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("set_by", _ACTOR, nullable=False),
        *_own("address_verifiers"),
        sa.UniqueConstraint("kind", name=op.f("uq_address_verifiers_kind")),
    )


def _requests() -> None:
    op.create_table(
        "address_requests",
        sa.Column("task_id", _ID, nullable=False),
        sa.Column("candidate_id", _ID, nullable=True),
        sa.Column("address_version_id", _ID, nullable=True),
        sa.Column("verifier", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("asked_by", _ACTOR, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("batch", sa.String(length=20), nullable=True),
        *_own("address_requests"),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL)",
            name=op.f("ck_address_requests_answered"),
        ),
        sa.CheckConstraint(
            "taken_at IS NULL OR answered_at IS NOT NULL", name=op.f("ck_address_requests_taken")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_address_requests_key")),
        *_keys(
            "address_requests",
            task_id="address_tasks",
            candidate_id="address_candidates",
            address_version_id="address_versions",
        ),
    )
    op.create_index("ix_address_requests_due", "address_requests", ["state", "next_at"])
    op.create_index("ix_address_requests_task_id", "address_requests", ["task_id"])
    op.create_index("ix_address_requests_batch", "address_requests", ["batch"])
    op.create_table(
        "address_sends",
        sa.Column("verifier", sa.String(length=20), nullable=False),
        sa.Column("request_id", _ID, nullable=False),
        *_own("address_sends"),
        *_keys("address_sends", request_id="address_requests"),
    )
    op.create_index(
        "ix_address_sends_verifier_created_at", "address_sends", ["verifier", "created_at"]
    )
    op.create_index("ix_address_sends_request_id", "address_sends", ["request_id"])


def _own(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _keys(table: str, **referred: str) -> tuple[Any, ...]:
    return tuple(
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
        )
        for column, other in referred.items()
    )


def downgrade() -> None:
    """Going back is by restoring a backup: addresses would lose what confirmed them."""
    raise NotImplementedError("restore a backup instead")
