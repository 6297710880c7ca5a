"""A small pipeline of three stages whose every save moves a cent: lost or doubled work shows.

A bag is opened into parts, each part is weighed, each weighed part is shelved. Nothing here knows
the real stages; it is for tests of the runners.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from records import jobs, journal
from records.db import Database
from records.jobs import Stage
from records.journal import credit, debit

PARTS: Final = 4
AFTER: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "bag_opened": (("part", "toy.weigh"),),
    "part_weighed": (("part", "toy.shelve"),),
}
# Seconds of work of each job; the crash tests need jobs long enough to be hit.
WORK_SECONDS: Final = float(os.environ.get("TOY_WORK_SECONDS", "0.02"))


def _load(session: Session, subject_id: str) -> str:
    del session
    return subject_id


def _work(subject_id: str) -> str:
    time.sleep(WORK_SECONDS)
    return subject_id


def _post(session: Session, kind: str, subject_id: str) -> None:
    lines = [debit(f"{kind}:{subject_id}", 1), credit("source", 1)]
    journal.post(session, kind, lines, subject_kind="toy", subject_id=subject_id)


def _save_opened(session: Session, subject_id: str, output: str) -> None:
    _post(session, "opened", output)
    for number in range(PARTS):
        jobs.follow(session, "bag_opened", f"{subject_id}/{number}", stages_after=AFTER)


def _save_weighed(session: Session, subject_id: str, output: str) -> None:
    _post(session, "weighed", output)
    jobs.follow(session, "part_weighed", subject_id, stages_after=AFTER)


def _save_shelved(session: Session, subject_id: str, output: str) -> None:
    del subject_id
    _post(session, "shelved", output)


ALL_STAGES: Final = (
    Stage("toy.open", _load, _work, _save_opened),
    Stage("toy.weigh", _load, _work, _save_weighed),
    Stage("toy.shelve", _load, _work, _save_shelved),
)
REFERENCE: Final = "tests.crash.toy:ALL_STAGES"


def enqueue_bags(db: Database, bags: int) -> int:
    """Put bags before the first stage; the number of jobs they will have become at the end."""
    with db.write() as session:
        for number in range(bags):
            jobs.enqueue(session, "toy.open", "bag", f"bag{number}", max_attempts=50)
    return bags * (1 + 2 * PARTS)


def expected_balances(bags: int) -> dict[str, int]:
    """The journal's balances when each job was done exactly once."""
    found = {"source": -bags * (1 + 2 * PARTS)}
    for bag in range(bags):
        found[f"opened:bag{bag}"] = 1
        for part in range(PARTS):
            found[f"weighed:bag{bag}/{part}"] = found[f"shelved:bag{bag}/{part}"] = 1
    return found
