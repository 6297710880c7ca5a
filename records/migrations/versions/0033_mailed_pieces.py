"""Every piece mailed with its barcode, and the count of each mailer's month."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from records import ids

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_AT_ONCE = 2000


def upgrade() -> None:
    """Apply, and enter the statements that were imported with barcode and mail date before."""
    op.create_table(
        "mailed_blocks",
        sa.Column("mailer_id", sa.String(length=9), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_mailed_blocks_pieces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_blocks")),
        sa.UniqueConstraint(
            "mailer_id", "month", name=op.f("uq_mailed_blocks_mailer_id_month")
        ),
    )
    op.create_table(
        "mailed_pieces",
        sa.Column("statement_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("address_version_id", sa.String(length=36), nullable=True),
        sa.Column("mailed_to", sa.LargeBinary(), nullable=True),
        sa.Column("mailed_on", sa.Date(), nullable=False),
        sa.Column("imb", sa.String(length=31), nullable=False),
        sa.Column("mailer_id", sa.String(length=9), nullable=False),
        sa.Column("serial", sa.String(length=9), nullable=False),
        sa.Column("vendor", sa.String(length=80), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_mailed_pieces_{column}_{table}")
            )
            for column, table in (
                ("statement_id", "statements"),
                ("account_id", "accounts"),
                ("address_version_id", "address_versions"),
                ("run_id", "import_runs"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_pieces")),
        sa.UniqueConstraint(
            "mailer_id", "serial", "mailed_on",
            name=op.f("uq_mailed_pieces_mailer_id_serial_mailed_on"),
        ),
    )  # fmt: skip
    for column in ("statement_id", "account_id", "imb"):
        op.create_index(op.f(f"ix_mailed_pieces_{column}"), "mailed_pieces", [column])
    op.create_index(
        "ix_mailed_pieces_mailer_id_mailed_on", "mailed_pieces", ["mailer_id", "mailed_on"]
    )
    _known_statements()


def _known_statements() -> None:
    """Pieces of statements that have a barcode; a code used twice within 45 days enters once."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT s.id, s.account_id, s.mailed_on, s.imb, (SELECT v.id FROM address_versions v "
            "WHERE v.account_id = s.account_id ORDER BY v.version DESC LIMIT 1) FROM statements s "
            "WHERE s.imb <> '' AND s.mailed_on IS NOT NULL ORDER BY s.mailed_on, s.id"
        ).columns(
            sa.column("id", sa.String), sa.column("account_id", sa.String),
            sa.column("mailed_on", sa.Date), sa.column("imb", sa.String),
            sa.column("version", sa.String),
        )  # fmt: skip
    )
    now = datetime.now(UTC)
    last: dict[tuple[str, str], date] = {}
    counts: dict[tuple[str, str], int] = {}
    pieces: list[dict[str, object]] = []
    table = sa.table(
        "mailed_pieces", *(sa.column(n) for n in ("statement_id", "account_id",
        "address_version_id", "imb", "mailer_id", "serial", "vendor", "id")),
        sa.column("mailed_on", sa.Date), sa.column("created_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    for statement_id, account_id, mailed_on, code, version_id in rows.all():
        if len(code) not in {20, 25, 29, 31} or code[1] > "4":
            continue
        mailer_id = code[5:14] if code[5] == "9" else code[5:11]
        key = (mailer_id, code[5 + len(mailer_id) : 20])
        if key in last and (mailed_on - last[key]).days < 45:
            continue
        last[key] = mailed_on
        month = (mailer_id, f"{mailed_on:%Y-%m}")
        counts[month] = counts.get(month, 0) + 1
        pieces.append({
            "statement_id": statement_id, "account_id": account_id, "mailed_on": mailed_on,
            "address_version_id": version_id, "imb": code, "mailer_id": key[0], "serial": key[1],
            "vendor": "", "id": ids.new_id(), "created_at": now,
        })  # fmt: skip
    for start in range(0, len(pieces), _AT_ONCE):
        bind.execute(sa.insert(table), pieces[start : start + _AT_ONCE])
    blocks = sa.table(
        "mailed_blocks", sa.column("mailer_id"), sa.column("month"), sa.column("pieces"),
        sa.column("id"), sa.column("created_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    if counts:
        bind.execute(sa.insert(blocks), [
            {"mailer_id": mailer, "month": month, "pieces": number, "id": ids.new_id(),
             "created_at": now}
            for (mailer, month), number in sorted(counts.items())
        ])  # fmt: skip


def downgrade() -> None:
    """Going back is by restoring a backup: what was mailed is kept nowhere else."""
    raise NotImplementedError("restore a backup instead")
