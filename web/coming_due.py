"""What a new day brings: checks held until it come back, looked for once a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import structlog

from records.db import Database
from records.errors import LockboxError, UnavailableError

EVERY_SECONDS: Final = 60.0
_LOG = structlog.get_logger("calendar")


@dataclass(slots=True)
class Calendar:
    """When it was looked last; ``look`` may be called as often as one likes."""

    looked_at: float | None = None

    def look(self, db: Database) -> int:
        """Bring back what is due, each check in a transaction of its own; how many came.

        One that cannot come back is told in the log and keeps no other from it. Raises
        UnavailableError when the database is away.
        """
        if self.looked_at is not None and time.monotonic() - self.looked_at < EVERY_SECONDS:
            return 0
        self.looked_at = time.monotonic()
        from matching import coming_back  # noqa: PLC0415 - a worker's children never look

        with db.read() as session:
            due = coming_back.due(session)
        came = 0
        for payment_id in due:
            try:
                with db.write() as session:
                    came += bool(coming_back.back(session, payment_id))
            except UnavailableError:
                raise
            except LockboxError as error:
                _LOG.warning("check_not_brought_back", error_code=error.code)
        if came:
            _LOG.info("checks_came_back", count=came)
        return came
