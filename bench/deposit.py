"""From mail to a cash letter: drawn checks read, answered, deposited, approved, sent and proved.

``lockbox bench deposit --checks 500 --json``. All of it is the product's own path on SQLite, in one
process; only the people are played, from what was drawn.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import deposit_proof
from bench.deposit_people import Asked, Drawn, Place, accept_images, answer, drawn_checks, place_of
from deposits import batch, icl, sending
from intake import starter, uploads
from records import clock, jobs
from records.installation import Installation, open_installation
from records.models import BankAccount, Deposit, Office
from records.settings import Settings
from web import letters, worker
from web.demo import load

_SPECIALIST, _CLOSES, _APPROVES = "user:sam", "user:bill", "user:beth"
_ROUNDS = 4
_TOLD_EVERY_S = 20.0


@dataclass(slots=True)
class Times:
    """Wall and processor seconds by step, children's included; ``jobs`` counts runs of a stage."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def taking(self, step: str) -> Iterator[None]:
        """Add what the block takes to a step."""
        wall, cpu = time.perf_counter(), _processor()
        try:
            yield
        finally:
            self.wall[step] = self.wall.get(step, 0.0) + time.perf_counter() - wall
            self.cpu[step] = self.cpu.get(step, 0.0) + _processor() - cpu
            self.runs[step] = self.runs.get(step, 0) + 1

    def to_json(self) -> dict[str, dict[str, float]]:
        """``{step: {wall_seconds, processor_seconds, runs}}``."""
        return {
            step: {"wall_seconds": round(wall, 2), "processor_seconds": round(self.cpu[step], 2),
                   "runs": self.runs[step]}
            for step, wall in self.wall.items()
        }  # fmt: skip


def _processor() -> float:
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + gone.ru_utime + gone.ru_stime + starter.processor_seconds()


def measure(
    *, seed: int = 7, count: int | None = None, checks: int = 500, keep: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The whole way of so many checks (``count`` or ``checks``); all figures.

    ``keep`` is an empty folder in which the mail, the data folder and the letter stay.
    """
    with ExitStack() as stack:
        folder = Path(keep or stack.enter_context(TemporaryDirectory(prefix="bench-deposit-")))
        settings = Settings(data_dir=folder / "data", workers=0, log_level="ERROR")
        installation = open_installation(settings)
        stack.callback(installation.close)
        return _whole(installation, folder, seed, count or checks)


def _whole(
    installation: Installation, folder: Path, seed: int, checks: int
) -> dict[str, Any]:  # fmt: skip
    times, asked = Times(), Asked()
    begun = time.perf_counter()
    with times.taking("draw the mail"):
        load.build(installation, seed=seed, folder=folder / "bag", checks=checks,
                   told=_teller("drawn", checks))  # fmt: skip
    drawn = drawn_checks(json.loads((folder / "bag" / "truth.json").read_text()))
    with times.taking("receive"):
        _receive(installation, folder / "bag")
    _work(installation, times)
    for _ in range(_ROUNDS):
        with times.taking("people's answers"):
            left = answer(installation.db, drawn, _SPECIALIST, asked)
        if not left:
            break
        _work(installation, times)
    ref = _deposit(installation, times, asked)
    with times.taking("write the letter"):
        made = letters.written(installation, ref, _CLOSES)
    data = sending.file_of(installation.store, made)
    (folder / "letter.x937").write_bytes(data)
    with installation.db.write() as session:
        batch.export(session, batch.find(session, ref).id, _CLOSES)
    findings = {}
    for name in (made.profile, "standard"):
        with times.taking(f"check the letter ({name})"):
            findings[name] = [
                each.to_json() for each in icl.check(io.BytesIO(data), icl.named(name))
            ]
    with installation.db.read() as session:
        deposit = batch.find(session, ref)
        with times.taking("compare images"):
            looks = list(deposit_proof.looked_at(
                session, installation.store, deposit, data, _teller("compared", checks)
            ))  # fmt: skip
        with times.taking("compare totals"):
            sums = deposit_proof.sums(session, installation.store, deposit, data)
        wrong = _not_as_drawn(session, deposit, drawn)
    return {
        "seed": seed, "checks_drawn": checks, "items": made.item_count,
        "letter_bytes": len(data), "seconds": round(time.perf_counter() - begun, 1),
        "asked_of_people": asked.to_json(), "findings": findings,
        "sums": sums, "images": deposit_proof.summed_up(looks), "not_as_drawn": wrong,
        "times": times.to_json(),
    }  # fmt: skip


def _receive(installation: Installation, folder: Path) -> None:
    for path in sorted(each for each in folder.iterdir() if each.suffix != ".json"):
        kept = uploads.keep(installation.store, path.read_bytes(), path.name,
                            limit_bytes=installation.settings.max_upload_bytes)  # fmt: skip
        with installation.db.write() as session:
            office = session.scalars(select(Office).where(Office.code == load.OFFICE)).one()
            uploads.receive(session, kept, office_id=office.id, actor=_CLOSES, channel="cli")


def _work(installation: Installation, times: Times) -> None:
    """Run every job that waits, in this process, each stage timed."""
    stages = {name: _timed(stage, times) for name, stage in worker.load_stages().items()}
    limits = jobs.Limits.of(installation.settings)
    told, done, since = time.monotonic(), 0, time.monotonic()
    while True:
        ran = jobs.run_one(installation.db, jobs.this_worker(), stages, limits=limits)
        with installation.db.read() as session:
            counts = jobs.counts(session)
        done += ran is not None
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            _say(f"{done} jobs done, {counts.pending} wait, {told - since:.0f} s")
        if counts.dead:
            raise AssertionError("a job is dead; run the mail by itself and look")
        if not counts.pending:
            return
        if ran is None:
            time.sleep(0.05)


def _timed(stage: jobs.AnyStage, times: Times) -> jobs.AnyStage:
    def work(value: Any) -> Any:
        with times.taking(f"job {stage.name}"):
            return stage.work(value)

    def save(session: Session, subject_id: str, output: Any) -> None:
        with times.taking("save results"):
            stage.save(session, subject_id, output)

    return jobs.Stage(stage.name, stage.load, work, save)


def _deposit(installation: Installation, times: Times, asked: Asked) -> str:
    """All that may be deposited, closed by one person of billing and approved by another."""
    with times.taking("deposit"):
        with installation.db.write() as session:
            code = select(Office.bank_account_id).where(Office.code == load.OFFICE)
            account = session.get_one(BankAccount, session.scalars(code).one())
            day = clock.business_date(clock.now(), account.zone, account.cut_off)
            made = batch.open_deposit(session, account.id, day, _CLOSES)
            waiting = batch.depositable(session, account.id)
            batch.add(session, made.id, [each.id for each in waiting], _CLOSES)
            total = sum(each.amount_cents or 0 for each in waiting)
            sending.require_sendable(session, made)
            batch.close(session, made.id, len(waiting), total, _CLOSES)
            ref, ident = made.ref, made.id
        letters.make_images(installation, ref)
        accept_images(installation.db, _CLOSES, asked)
        with installation.db.write() as session:
            batch.approve(session, ident, _APPROVES)
    return ref


def _not_as_drawn(
    session: Session, deposit: Deposit, drawn: dict[Place, Drawn]
) -> dict[str, int]:  # fmt: skip
    """Checks that are in the deposit otherwise than they were drawn, or not in it at all."""
    found = {"amounts": 0, "micr_numbers": 0, "unknown": 0}
    seen: set[Place] = set()
    for item in deposit.items:
        place = place_of(session, item.payment.document)
        seen.add(place)
        check = drawn.get(place)
        if check is None:
            found["unknown"] += 1
            continue
        sealed = item.payment.sealed
        found["amounts"] += item.amount_cents != check.cents
        found["micr_numbers"] += any(
            sealed.get(name) != check.fields[name]
            for name in ("routing_number", "account_number", "check_number")
        )
    return {**found, "missing": len(drawn.keys() - seen)}


def _teller(what: str, total: int) -> Callable[[int], None]:
    done, told = 0, time.monotonic()

    def tell(count: int) -> None:
        nonlocal done, told
        done += count
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            _say(f"{done} of {total} checks {what}")

    return tell


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The figures for a person."""
    sums, images = found["sums"], found["images"]
    yield f"{found['items']} items of {found['checks_drawn']} checks drawn, seed {found['seed']}"
    yield f"asked of people: {found['asked_of_people']}"
    for name, each in found["findings"].items():
        yield f"findings of the checker ({name}): {len(each)}"
    for name in ("letter_ink_in_scan", "scan_ink_in_letter", "back_ink_in_letter"):
        yield f"{name:<24} worst {images[name]['worst']}  median {images[name]['median']}"
    yield f"MICR lines equal: {images['micr_lines_equal']} of {images['images']}"
    yield f"totals agree: {sums['agree']}  {sums['cents']}"
    yield f"not as drawn: {found['not_as_drawn']}"
    for step, each in found["times"].items():
        yield (f"{step:<36} {each['wall_seconds']:>9} s wall {each['processor_seconds']:>9} s "
               f"processor  {each['runs']} runs")  # fmt: skip
