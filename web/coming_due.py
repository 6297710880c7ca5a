"""What a new day brings, once a minute: held checks come back, returned mail comes due."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import structlog

from records.db import Database
from records.errors import LockboxError, UnavailableError
from returned_mail import coming_due as returned_mail

EVERY_SECONDS: Final = 60.0
_LOG = structlog.get_logger("calendar")


@dataclass(slots=True)
class Calendar:
    """When it was looked last; ``look`` may be called as often as one likes."""

    looked_at: float | None = None

    def look(self, db: Database) -> int:
        """Bring back what is due, each check in a transaction of its own; how much was done.

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
        return came + _returned_mail(db)


def _returned_mail(db: Database) -> int:
    """Supervisors told, waits and holds ended, each task in a transaction of its own."""
    with db.read() as session:
        due, over = returned_mail.due(session), returned_mail.holds_over(session)
    done = 0
    for task_id in due:
        try:
            with db.write() as session:
                done += bool(returned_mail.take(session, task_id))
        except UnavailableError:
            raise
        except LockboxError as error:
            _LOG.warning("address_task_not_taken_on", error_code=error.code)
    if over:
        with db.write() as session:
            done += returned_mail.end_holds(session)
    if done:
        _LOG.info("returned_mail_came_due", count=done)
    return done
