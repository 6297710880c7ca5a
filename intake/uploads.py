"""Receiving bytes: durable first, then one item per content, and never a second one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from records import audit, clock, ids, jobs
from records.errors import Conflict, NotFound, WrongUse
from records.files import FileStore
from records.models import Office, Pickup, ReceivedNotice, SourceFile
from records.workflow import SOURCE_FILE, move


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are on disk for good, not yet an item."""

    sha256: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an upload: the item's reference, and whether these bytes were here already."""

    source_file_id: str
    ref: str
    name: str
    duplicate: bool
    state: str

    @property
    def message(self) -> str:
        """One line for a person."""
        if self.duplicate:
            return f"already received, item {self.ref}"
        return f"received, item {self.ref}"

    def to_json(self) -> dict[str, object]:
        """For the API and ``ingest --json``."""
        return {
            "id": self.source_file_id,
            "ref": self.ref,
            "name": self.name,
            "duplicate": self.duplicate,
            "state": self.state,
            "message": self.message,
        }


def keep(store: FileStore, data: bytes, name: str, *, limit_bytes: int) -> Kept:
    """Put bytes into the store and return once they are durable.

    Even an empty file is kept, so that it ends visibly in quarantine; only bytes over
    ``limit_bytes`` are refused (WrongUse ``too_large``), before anything is written.
    """
    if len(data) > limit_bytes:
        raise WrongUse(
            "too_large",
            f"{name} has {len(data):,} bytes; the limit is {limit_bytes:,}.",
            "Scan in smaller batches.",
        )
    return Kept(store.put(data), _clean_name(name), len(data))


def receive(
    session: Session,
    kept: Kept,
    *,
    office_id: str,
    actor: str,
    channel: str,
    pickup_id: str | None = None,
) -> Receipt:
    """Make kept bytes an item and start its jobs; the same bytes again answer with the first item.

    ``channel`` is ``web``, ``cli``, ``watch`` or ``api``. Raises NotFound for an unknown office
    or pickup, Conflict when the pickup belongs to another office.
    """
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("unknown_office", "There is no such office.", "Choose one from the list.")
    if pickup_id is not None:
        _check_pickup(session, pickup_id, office_id)
    arrival = _Arrival(actor, channel, pickup_id)
    held = _held(session, kept.sha256)
    if held is None:
        made = _add(session, kept, office, arrival)
        if made is not None:
            return Receipt(made.id, made.ref, made.name, duplicate=False, state=made.state)
        held = _held(session, kept.sha256)  # another upload of the same bytes was quicker
    if held is None:
        raise Conflict("receipt_lost", f"{kept.name} could not be entered.", "Send it again.")
    return _again(session, kept, held, arrival)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Who brought bytes, by which way, in which bag."""

    actor: str
    channel: str
    pickup_id: str | None


def _add(session: Session, kept: Kept, office: Office, arrival: _Arrival) -> SourceFile | None:
    """The new item with its first job; None when the same bytes got in meanwhile."""
    bank = office.bank_account
    file = SourceFile(
        ref=ids.new_ref("ITM"),
        sha256=kept.sha256,
        name=kept.name,
        size_bytes=kept.size_bytes,
        office_id=office.id,
        pickup_id=arrival.pickup_id,
        channel=arrival.channel,
        uploaded_by=arrival.actor,
        received_on=clock.business_date(clock.now(), bank.zone, bank.cut_off),
    )
    try:
        with session.begin_nested():
            session.add(file)
    except IntegrityError:
        return None
    jobs.follow(session, "file_received", file.id)
    _audit(session, arrival, "file.received", file)
    return file


def _again(session: Session, kept: Kept, held: SourceFile, arrival: _Arrival) -> Receipt:
    """Note that bytes we hold came once more."""
    session.add(
        ReceivedNotice(
            source_file_id=held.id,
            actor=arrival.actor,
            channel=arrival.channel,
            pickup_id=arrival.pickup_id,
            note=kept.name,
        )
    )
    _audit(session, arrival, "file.received_again", held)
    return Receipt(held.id, held.ref, kept.name, duplicate=True, state=held.state)


def _audit(session: Session, arrival: _Arrival, action: str, file: SourceFile) -> None:
    audit.record(
        session,
        actor=arrival.actor,
        action=action,
        subject_kind="source_file",
        subject_id=file.id,
        detail={"ref": file.ref, "channel": arrival.channel},
    )


def retry(session: Session, source_file_id: str, actor: str) -> SourceFile:
    """Send a quarantined file through decoding again."""
    file = _quarantined(session, source_file_id)
    move(file, SOURCE_FILE, "received")
    file.error_code = file.error_message = None
    jobs.follow(session, "file_received", file.id, key=ids.new_id())
    audit.record(
        session,
        actor=actor,
        action="file.retried",
        subject_kind="source_file",
        subject_id=file.id,
        detail={"ref": file.ref},
    )
    return file


def dismiss(session: Session, source_file_id: str, actor: str) -> SourceFile:
    """Set a quarantined file aside; its bytes stay."""
    file = _quarantined(session, source_file_id)
    move(file, SOURCE_FILE, "dismissed")
    audit.record(
        session,
        actor=actor,
        action="file.dismissed",
        subject_kind="source_file",
        subject_id=file.id,
        detail={"ref": file.ref},
    )
    return file


def _quarantined(session: Session, source_file_id: str) -> SourceFile:
    file = session.get(SourceFile, source_file_id, with_for_update=True)
    if file is None:
        raise NotFound("unknown_file", "There is no such file.", "Open it from the list.")
    if file.state != "quarantined":
        raise Conflict("not_quarantined", f"{file.ref} is not in quarantine.", "Reload the page.")
    return file


def _held(session: Session, sha256: str) -> SourceFile | None:
    return session.scalar(select(SourceFile).where(SourceFile.sha256 == sha256))


def _check_pickup(session: Session, pickup_id: str, office_id: str) -> None:
    pickup = session.get(Pickup, pickup_id)
    if pickup is None:
        raise NotFound("unknown_pickup", "There is no such pickup.", "Start it first.")
    if pickup.office_id != office_id:
        raise Conflict(
            "pickup_of_another_office",
            "The bag is from another office.",
            "Choose the office of the bag.",
        )


def _clean_name(name: str) -> str:
    """The last part of a path without control characters, at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "unnamed"
