"""Backup and restore: every row, every sealed file and the keys, in one archive that moves
between SQLite and PostgreSQL."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Session

from records import audit, crypto, migrate
from records.clock import now
from records.db import Database
from records.errors import Conflict, UnreadableError
from records.installation import Installation, keep_private, make_data_dir
from records.models import Base, JournalEntry, JournalLine, WebSession
from records.models.base import EncryptedJson
from records.models.ledger import JournalSeal
from records.settings import Settings

_FORMAT = 1
_BATCH = 500
_MANIFEST, _KEYS = "manifest.json", "keys/master.json"
# The store names a file by its hash, in folders of its first digits.
_NAME = re.compile(
    r"manifest\.json|keys/master\.json|tables/[a-z_]+\.jsonl|files(/[0-9A-Za-z_][\w.-]*)+"
)


@dataclass(frozen=True, slots=True)
class Done:
    """What went into an archive or came out of it."""

    rows: int
    files: int


def backup(installation: Installation, target: Path, *, with_keys: bool = True) -> Done:
    """Write an archive: one snapshot of all rows, then the files (which are only ever added).

    Sealed columns and files stay sealed. The archive is written beside ``target`` and renamed.
    """
    rows = files = 0
    temporary = target.with_name(f".{target.name}.part")
    with _private_archive(temporary) as archive:
        with installation.db.read() as session:
            connection = session.connection()
            manifest = {
                "format": _FORMAT,
                "revision": migrate.current_version(connection),
                "made_at": now().isoformat(),
            }
            _add(archive, _MANIFEST, json.dumps(manifest).encode())
            for table in Base.metadata.sorted_tables:
                lines = [json.dumps(row, sort_keys=True) for row in _rows(connection, table)]
                rows += len(lines)
                _add(archive, f"tables/{table.name}.jsonl", "\n".join(lines).encode())
        root = installation.settings.files_dir
        for path in sorted(root.rglob("*")) if root.exists() else ():
            if path.is_file() and not path.name.startswith("."):
                archive.add(path, arcname=f"files/{path.relative_to(root)}")
                files += 1
        if with_keys:
            _add(archive, _KEYS, installation.settings.master_key_file.read_bytes())
    temporary.replace(target)
    return Done(rows, files)


def restore(settings: Settings, source: Path) -> Done:
    """Bring an archive into an empty installation, which may use another kind of database.

    Nothing is written before every name in the archive was looked at, and no row stays unless the
    audit chain and the journal hold. Logins do not come along: who was logged in logs in again.

    Raises Conflict ``not_empty`` when there is data already, UnreadableError ``not_a_backup``
    for another file and ``backup_altered`` when chain or journal do not hold, UnavailableError
    ``key_file_missing`` when the archive has no keys and they have not been put in place.
    """
    make_data_dir(settings)
    db = Database(settings)
    if not db.is_fresh():
        raise Conflict(
            "not_empty",
            "This installation holds data already.",
            "Restore into an empty LOCKBOX_DATA_DIR and database.",
        )
    try:
        with tarfile.open(source) as archive:
            _check_names(archive)
            manifest = json.loads(_member(archive, _MANIFEST))
            if manifest.get("format") != _FORMAT:
                raise UnreadableError(
                    "not_a_backup",
                    f"{source.name} is of another format.",
                    "Use a backup made by this program.",
                )
            keep_private(db)
            _restore_keys(archive, settings)
            migrate.upgrade(db)
            rows = _restore_rows(db, archive)
            files = _restore_files(archive, settings.files_dir)
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise UnreadableError(
            "not_a_backup",
            f"{source.name} is not a whole backup.",
            "Use a file that `lockbox backup` wrote.",
        ) from error
    finally:
        db.close()
    return Done(rows, files)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    bare = _bare(table)
    query = select(bare).order_by(*(bare.c[column.name] for column in table.primary_key.columns))
    for row in connection.execute(query).mappings():
        yield {str(name): _encoded(value) for name, value in row.items()}


def _bare(table: Table) -> Table:
    """The same table with sealed columns as plain bytes: they are copied as they lie."""
    return Table(
        table.name,
        MetaData(),
        *(
            Column(
                column.name,
                LargeBinary() if isinstance(column.type, EncryptedJson) else column.type,
            )
            for column in table.columns
        ),
    )


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    return {"json": value} if isinstance(value, dict | list) else value


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    match kind:
        case "bytes":
            return base64.b64decode(content)
        case "at":
            return datetime.fromisoformat(content)
        case "on":
            return date.fromisoformat(content)
        case "time":
            return time.fromisoformat(content)
        case _:
            return content


@contextmanager
def _private_archive(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive to write, which nobody else can read from its first byte on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file, tarfile.open(fileobj=file, mode="w") as archive:
        yield archive


def _check_names(archive: tarfile.TarFile) -> None:
    """ValueError for a member that no backup of ours has: elsewhere, twice, or no plain file."""
    seen: set[str] = set()
    for member in archive.getmembers():
        known = _NAME.fullmatch(member.name) and ".." not in Path(member.name).parts
        if not known or not member.isreg() or member.name in seen:
            raise ValueError(member.name)
        seen.add(member.name)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    info.mtime = int(now().timestamp())
    archive.addfile(info, io.BytesIO(content))


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found.read()


def _restore_keys(archive: tarfile.TarFile, settings: Settings) -> None:
    if _KEYS in archive.getnames() and not settings.master_key_file.exists():
        ring = crypto.Keyring.from_json(_member(archive, _KEYS).decode())
        crypto.write_keyring(ring, settings.master_key_file)
    crypto.install(crypto.load_keyring(settings.master_key_file, fresh=False))


def _restore_rows(db: Database, archive: tarfile.TarFile) -> int:
    count = 0
    with db.write() as session:
        connection = session.connection()
        triggers = _lift_triggers(connection)
        for table in Base.metadata.sorted_tables:
            if table.name == WebSession.__tablename__:
                continue
            lines = _member(archive, f"tables/{table.name}.jsonl").decode().splitlines()
            for start in range(0, len(lines), _BATCH):
                batch = [
                    {name: _decoded(value) for name, value in json.loads(line).items()}
                    for line in lines[start : start + _BATCH]
                ]
                connection.execute(insert(_bare(table)), batch)
            count += len(lines)
        _put_back(connection, triggers)
        _verify(session)
    return count


def _verify(session: Session) -> None:
    """Refuse rows that were changed outside of this program, before they are committed."""
    chain = audit.verify(session)
    debits, credits_ = func.sum(JournalLine.debit_cents), func.sum(JournalLine.credit_cents)
    unbalanced = session.execute(
        select(JournalEntry.id)
        .outerjoin(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .outerjoin(JournalSeal, JournalSeal.entry_id == JournalEntry.id)
        .group_by(JournalEntry.id, JournalSeal.total_cents)
        .having(
            (func.coalesce(debits, 0) != func.coalesce(credits_, -1))
            | (func.coalesce(debits, 0) != func.coalesce(JournalSeal.total_cents, -1))
        )
        .limit(1)
    ).first()
    if chain.ok and unbalanced is None:
        return
    raise UnreadableError(
        "backup_altered",
        "The journal of this backup does not balance."
        if chain.ok
        else f"The audit chain of this backup breaks at event {chain.first_bad_seq}.",
        "Nothing was restored. Use an older backup, and keep this one for whoever investigates.",
    )


def _lift_triggers(connection: Connection) -> list[tuple[str, str]]:
    """Lift the guards that ask for an order of events; constraints and keys stay in force."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        found = [
            (str(name), str(sql))
            for name, sql in connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            )
        ]
        for name, _ in found:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return found
    for table in Base.metadata.sorted_tables:
        connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
    return []


def _put_back(connection: Connection, triggers: list[tuple[str, str]]) -> None:
    for _, sql in triggers:
        connection.exec_driver_sql(sql)
    if connection.dialect.name != "sqlite":
        # Deferred keys are checked now: a table with checks outstanding cannot be altered.
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table in Base.metadata.sorted_tables:
            connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')


def _restore_files(archive: tarfile.TarFile, root: Path) -> int:
    count = 0
    for member in archive.getmembers():
        if not member.isfile() or not member.name.startswith("files/"):
            continue
        path = root / member.name.removeprefix("files/")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_member(archive, member.name))
        count += 1
    return count
