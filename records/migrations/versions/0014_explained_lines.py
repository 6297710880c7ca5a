"""Bank lines that were explained are in the journal, as those explained from now on are."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from records import ids

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ENTRIES = sa.table(
    "journal_entries", sa.column("id"), sa.column("kind"),
    sa.column("at", sa.DateTime(timezone=True)), sa.column("subject_kind"),
    sa.column("subject_id"), sa.column("reverses_id"), sa.column("memo"),
)  # fmt: skip
_LINES = sa.table(
    "journal_lines", sa.column("entry_id"), sa.column("position"), sa.column("account"),
    sa.column("debit_cents"), sa.column("credit_cents"),
)  # fmt: skip
_SEALS = sa.table("journal_seals", sa.column("entry_id"), sa.column("total_cents"))


def upgrade() -> None:
    """Apply: one balanced entry for each explained line, in the order of their days."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT l.id, l.amount_cents, l.direction, b.code FROM bank_lines l "
            "JOIN bank_accounts b ON b.id = l.bank_account_id "
            "WHERE l.state = 'explained' AND l.amount_cents > 0 ORDER BY l.value_on, l.id"
        )
    ).all()
    for line_id, cents, direction, code in rows:
        bank, other = f"bank:{code}", "explained"
        gets, gives = (bank, other) if direction == "credit" else (other, bank)
        entry = ids.new_id()
        connection.execute(_ENTRIES.insert().values(
            id=entry, kind="explained", at=datetime.now(UTC), subject_kind="bank_line",
            subject_id=line_id, reverses_id=None, memo="",
        ))  # fmt: skip
        connection.execute(_LINES.insert(), [
            {"entry_id": entry, "position": 0, "account": gets, "debit_cents": cents,
             "credit_cents": 0},
            {"entry_id": entry, "position": 1, "account": gives, "debit_cents": 0,
             "credit_cents": cents},
        ])  # fmt: skip
        connection.execute(_SEALS.insert().values(entry_id=entry, total_cents=cents))


def downgrade() -> None:
    """Going back is by restoring a backup: the journal is never thrown away."""
    raise NotImplementedError("restore a backup instead")
