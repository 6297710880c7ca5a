"""The real workload of the torture: a small bag of mail, uploaded to the service that is killed.

What comes of it under kills is compared, item by item, with what comes of the same mail in an
installation that nobody disturbs.
"""

from __future__ import annotations

import difflib
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from intake import uploads
from matching import importing
from records import jobs, journal
from records.installation import Installation, open_installation
from records.models import Office, SourceFile, User
from records.settings import Settings
from web import auth, outcome, worker
from web.demo import bag as bags
from web.demo import group as groups
from web.demo import load
from web.demo.mailroom import Mailroom, Station
from web.demo.scan_files import write_tiff

SEED: Final = 7
OFFICE: Final = "NORTH"
# One envelope each of the ways a check comes, a remittance with its check, a returned piece.
SCENARIOS: Final = ("with_coupon", "memo_only", "returned_label", "two_checks")
# So low that matches are made and postings queued without a person: more that could go wrong.
AUTO_THRESHOLD: Final = 0.5
_REFS: Final = frozenset({"ref", "document", "payment"})
_TODAY: Final = date(2026, 11, 2)
_ACCOUNTS: Final = 300


class SmallBag:
    """A round is a few files of one office: photographs, a flatbed scan, a TIFF, a PDF, an 835."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}
        self.answers: dict[str, str] = {}
        self.tries = 0
        self._uploads: threading.Thread | None = None
        self._token = ""

    def programs(self, mode: str) -> dict[str, list[str]]:
        """What people start: ``lockbox serve``; beside Redis it has no workers of its own."""
        command = [sys.executable, "-m", "web.cli"]
        if mode == "poll":
            return {"web": [*command, "serve"]}
        return {"web": [*command, "serve", "--workers", "0"], "runner": [*command, "worker"]}

    def prepare(self, installation: Installation, round_number: int) -> None:
        """Build the group once, and begin to upload this round's files."""
        if round_number == 0:
            self._token = self._build(installation)
        files = self.files(round_number)
        self.sent.update(files)
        self._uploads = threading.Thread(
            target=self._upload, args=(installation.settings, files), daemon=True
        )
        self._uploads.start()

    def waiting(self) -> int:
        """Files sent that the service has not answered for yet."""
        return len(self.sent) - len(self.answers)

    def problems(self, installation: Installation, rounds: int) -> list[str]:
        """Uploads lost or doubled, differences from the undisturbed run, unbalanced books."""
        found = [f"{name} was never answered" for name in self.sent if name not in self.answers]
        with installation.db.read() as session:
            stored = session.execute(select(SourceFile.name, SourceFile.ref)).all()
            rows = {row.name: row.ref for row in stored}
            number = session.scalar(select(func.count()).select_from(SourceFile))
            if sum(journal.balances(session).values()):
                found.append("the journal does not balance")
        if number != len(self.sent):
            found.append(f"{len(self.sent)} files sent, {number} there")
        found += [
            f"{name} was promised as {ref}, is {rows.get(name)}"
            for name, ref in self.answers.items()
            if rows.get(name) != ref
        ]
        disturbed, quiet = _outcome(installation), self._undisturbed(rounds)
        found += [
            line
            for line in difflib.unified_diff(quiet, disturbed, "undisturbed", "killed", n=0)
            if not line.startswith(("---", "+++", "@@"))
        ]
        return found

    def items(self, installation: Installation) -> int:
        """How many documents the mail became."""
        return sum(": {" in line for line in _outcome(installation))

    @cached_property
    def group(self) -> groups.Group:
        """The patients and offices the mail is for."""
        return groups.make_group(SEED, _TODAY, _ACCOUNTS)

    def files(self, round_number: int) -> dict[str, bytes]:
        """The files of a round by name; the same bytes for the same number."""
        room = Mailroom(self.group, self.group.office(OFFICE), SEED + round_number)
        flatbed, photo, *_ = bags._photo_files(room)
        made = (flatbed, photo, bags._digital_file(room), bags._era_file(room))
        files = {f"{round_number}-{each.name}": each.data for each in made}
        return {f"{round_number}-bag.tif": _tiff(room), **files}

    def _build(self, installation: Installation) -> str:
        with installation.db.write() as session:
            load.add_group(session, self.group)
            for take, text in (
                (importing.import_accounts, groups.accounts_csv(self.group)),
                (importing.import_statements, groups.statements_csv(self.group)),
            ):
                take(session, text, load.ACTOR, dry_run=False)
            admin = session.scalars(select(User).where(User.role == "admin")).first()
            assert admin is not None
            return auth.new_api_token(session, admin.id, "torture", admin.actor)

    def _upload(self, settings: Settings, files: dict[str, bytes]) -> None:
        """Send each file until the service answers for it, as a careful program does."""
        for name, data in files.items():
            while name not in self.answers:
                self.tries += 1
                try:
                    self.answers[name] = self._send(settings, name, data)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.1)

    def _send(self, settings: Settings, name: str, data: bytes) -> str:
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=30)
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": name}
        try:
            path = f"/api/v1/uploads?office={OFFICE}&name={name}"
            connection.request("POST", path, data, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise http.client.HTTPException(answer.status)
        return str(json.loads(body)["ref"])

    def _undisturbed(self, rounds: int) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                data_dir=Path(folder),
                database_url="",
                redis_url=None,
                workers=2,
                log_level="ERROR",
                match_auto_threshold=AUTO_THRESHOLD,
            )
            installation = open_installation(settings)
            try:
                self._build(installation)
                for number in range(rounds):
                    _receive(installation, self.files(number))
                    counts = worker.run_until_idle(settings, installation.db)
                    if counts.dead:
                        with installation.db.read() as session:
                            return [f"{job.stage}: {job.error_code}" for job in jobs.dead(session)]
                return _outcome(installation)
            finally:
                installation.close()


def _tiff(room: Mailroom) -> bytes:
    """About fifteen duplex pages at 200 dpi, G4, with separator sheets between envelopes."""
    station = Station(200, "bitonal", duplex=True)
    feeder = bags.Feeder(random.Random(f"small:{room.seed}"))
    for number, scenario in enumerate(SCENARIOS, start=1):
        if number > 1:
            feeder.separate(station)
        feeder.feed(room.item(f"S{number:03d}", scenario, station))
    return write_tiff(feeder.pages)


def _receive(installation: Installation, files: dict[str, bytes]) -> None:
    with installation.db.read() as session:
        office_id = session.scalars(select(Office.id).where(Office.code == OFFICE)).one()
    for name, data in files.items():
        limit = installation.settings.max_upload_bytes
        kept = uploads.keep(installation.store, data, name, limit_bytes=limit)
        with installation.db.write() as session:
            uploads.receive(session, kept, office_id=office_id, actor="user:courier", channel="cli")


def _outcome(installation: Installation) -> list[str]:
    """Each file's outcome as lines without references, and the journal by account."""
    with installation.db.read() as session:
        ids: Sequence[str] = session.scalars(select(SourceFile.id)).all()
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
