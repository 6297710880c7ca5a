"""Alembic's environment: runs on the connection it is given."""

from __future__ import annotations

from alembic import context

from records.models import Base


def run() -> None:
    """Run the migrations within the caller's transaction."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


run()
