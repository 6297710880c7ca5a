"""The real workload of the torture: the demo group's bag of mail through the real stages.

What comes of it under kills is compared, item by item, with what comes of the same bag in an
installation that nobody disturbs.
"""

from __future__ import annotations

import difflib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from intake import uploads
from records import jobs, journal
from records.installation import Installation, open_installation
from records.models import Office, SourceFile
from records.settings import Settings
from web import outcome, worker
from web.demo import bag as bags
from web.demo import group as groups
from web.demo import load

SEED: Final = 7
_REFS: Final = frozenset({"ref", "document", "payment"})


class BagWorkload:
    """A round is one day's bag of one office; each round has a bag of its own."""

    def command(self, mode: str) -> list[str]:
        """What people start: ``lockbox serve``, or ``lockbox worker`` beside Redis."""
        return [sys.executable, "-m", "web.cli", "serve" if mode == "poll" else "worker"]

    def prepare(self, installation: Installation, round_number: int) -> None:
        """Build the group once, and take in the bag of this round."""
        if round_number == 0:
            with tempfile.TemporaryDirectory() as folder:
                load.build(installation, seed=SEED, folder=Path(folder))
        with installation.db.read() as session:
            (code, office_id) = session.execute(
                select(Office.code, Office.id).where(Office.code == "NORTH")
            ).one()
        bag = bags.make_bag(groups.make_group(SEED), SEED + round_number, code)
        for file in self.choose(bag):
            limit = installation.settings.max_upload_bytes
            kept = uploads.keep(installation.store, file.data, file.name, limit_bytes=limit)
            with installation.db.write() as session:
                uploads.receive(
                    session, kept, office_id=office_id, actor="user:courier", channel="cli"
                )

    def choose(self, bag: bags.Bag) -> Sequence[bags.BagFile]:
        """The files of the bag to take in: all of them."""
        return bag.files

    def problems(self, installation: Installation, rounds: int) -> list[str]:
        """Differences from the undisturbed run, and books that do not balance."""
        found = []
        with installation.db.read() as session:
            if sum(journal.balances(session).values()):
                found.append("the journal does not balance")
        disturbed, quiet = _outcome(installation), self._undisturbed(rounds)
        found += [
            line
            for line in difflib.unified_diff(quiet, disturbed, "undisturbed", "killed", n=0)
            if not line.startswith(("---", "+++", "@@"))
        ]
        return found

    def _undisturbed(self, rounds: int) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                data_dir=Path(folder), database_url="", redis_url=None, workers=2, log_level="ERROR"
            )
            installation = open_installation(settings)
            try:
                for number in range(rounds):
                    self.prepare(installation, number)
                    counts = worker.run_until_idle(settings, installation.db)
                    if counts.dead:
                        with installation.db.read() as session:
                            return [f"{job.stage}: {job.error_code}" for job in jobs.dead(session)]
                return _outcome(installation)
            finally:
                installation.close()


class SmallBagWorkload(BagWorkload):
    """The bag without its largest file, for a quick look."""

    def choose(self, bag: bags.Bag) -> Sequence[bags.BagFile]:
        """All files but the one of most bytes."""
        return sorted(bag.files, key=lambda file: len(file.data))[:-1]


def _outcome(installation: Installation) -> list[str]:
    """Each file's outcome as lines without references, and the journal by account."""
    with installation.db.read() as session:
        ids = session.scalars(select(SourceFile.id)).all()
        files = [_plain(file) for file in outcome.of_files(session, ids)]
        balances = sorted(journal.balances(session).values())
    lines = [json.dumps(balances)]
    for file in sorted(files, key=lambda file: str(file["name"])):
        items = file.pop("items")
        lines.append(json.dumps(file, sort_keys=True))
        lines += [f"{file['name']}: {json.dumps(item, sort_keys=True)}" for item in items]
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in _REFS}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
