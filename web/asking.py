"""The thread that sends questions to address verifiers, beside the workers that run jobs.

A verifier may take its time, so it never keeps the supervisor of the workers waiting. At most one
such thread lives in a process; the queue's own leases keep several processes apart.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import select

from records.db import Database
from records.errors import UnavailableError
from records.models import AddressVerifier

EVERY_SECONDS: Final = 2.0
_LOG = structlog.get_logger("asking")


@dataclass(slots=True)
class Asking:
    """Call ``look`` as often as one likes; ``stop`` before the process ends."""

    looked_at: float | None = None
    thread: threading.Thread | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    def look(self, db: Database) -> bool:
        """Begin to send what is due, in a thread of its own; whether one was begun.

        Raises UnavailableError when the database is away.
        """
        if self.thread is not None and self.thread.is_alive():
            return False
        if self.looked_at is not None and time.monotonic() - self.looked_at < EVERY_SECONDS:
            return False
        self.looked_at = time.monotonic()
        with db.read() as session:
            if session.scalar(select(AddressVerifier.id).where(AddressVerifier.active)) is None:
                return False
        from returned_mail.verify import sending  # noqa: PLC0415 - what only a set up verifier needs

        with db.read() as session:
            if not sending.due(session):
                return False
        self.thread = threading.Thread(target=self._send, args=(db,), name="asking", daemon=True)
        self.thread.start()
        return True

    def stop(self) -> None:
        """Send no more; what is on its way may end, or is asked again when its lease runs out."""
        self.stopped.set()

    def _send(self, db: Database) -> None:
        from returned_mail.verify import sending  # noqa: PLC0415 - as above

        try:
            done = sending.run_due(db, stop=self.stopped.is_set)
        except UnavailableError as error:
            _LOG.warning("database_away", error_code=error.code)
        except Exception as error:  # noqa: BLE001 - the next look begins anew; leases keep the rest
            _LOG.error("asking_failed", error_type=type(error).__name__)
        else:
            _LOG.info("verifiers_asked", count=done.answered + done.waiting + done.failed)
