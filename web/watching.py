"""The watched folder: files a scanner drops are taken once they have stopped growing."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select

from intake import uploads
from records.errors import LockboxError
from records.installation import Installation
from records.models import Office

_QUIET_SECONDS: Final = 2.0
_TAKEN: Final = "taken"
_REFUSED: Final = "refused"
_LOG = structlog.get_logger("watch")
ACTOR: Final = "system:watch"


def take(installation: Installation, folder: Path, office_id: str) -> list[uploads.Receipt]:
    """Take every finished file of a folder once; taken files move to ``taken/`` beneath it.

    A file is finished when it has not changed for two seconds. A file that is refused (too large)
    moves to ``refused/``. Moving follows the commit: a crash in between only takes the same bytes
    again, which is answered as a duplicate. A file that cannot be read or moved stays, and the
    others go on.
    """
    receipts: list[uploads.Receipt] = []
    for path in sorted(folder.iterdir()):
        try:
            if not _finished(path):
                continue
            kept = uploads.keep(
                installation.store,
                path.read_bytes(),
                path.name,
                limit_bytes=installation.settings.max_upload_bytes,
            )
            with installation.db.write() as session:
                receipts.append(
                    uploads.receive(
                        session, kept, office_id=office_id, actor=ACTOR, channel="watch"
                    )
                )
            _move(path, folder / _TAKEN)
        except LockboxError as error:
            _LOG.warning("watch_refused", error_code=error.code)
            if error.http_status < 500:
                with suppress(OSError):
                    _move(path, folder / _REFUSED)
        except OSError as error:  # this file only: the next one may be read
            _LOG.warning("watch_failed", error_code="file_error", error_type=type(error).__name__)
    return receipts


@contextmanager
def watching(installation: Installation) -> Iterator[None]:
    """Watch ``LOCKBOX_WATCH_DIR`` for the length of the block: one subfolder per office code."""
    root = installation.settings.watch_dir
    if root is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(installation, root, stop), name="watch", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def _watch(installation: Installation, root: Path, stop: threading.Event) -> None:
    while not stop.wait(max(installation.settings.poll_seconds, 1.0)):
        try:
            with installation.db.read() as session:
                offices = (
                    session.execute(select(Office.code, Office.id).where(Office.active))
                    .tuples()
                    .all()
                )
        except LockboxError as error:
            _LOG.warning("watch_failed", error_code=error.code)
            continue
        for code, office_id in offices:
            try:
                if (root / code).is_dir():
                    take(installation, root / code, office_id)
            except (LockboxError, OSError) as error:  # one office's folder stops no other's
                _LOG.warning("watch_failed", error_code=getattr(error, "code", "file_error"))


def _finished(path: Path) -> bool:
    if path.name.startswith(".") or path.is_symlink() or not path.is_file():
        return False
    return time.time() - path.stat().st_mtime >= _QUIET_SECONDS


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:  # a name too long is not there either, and is told when it is used
        return False
    return True


def _move(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    number = 1
    while _is_there(target):
        target = folder / f"{path.stem}-{number}{path.suffix}"
        number += 1
    try:
        path.rename(target)
    except OSError:
        # A name as long as names may be has no room for a number, and a scanner's may be odd.
        path.rename(folder / f"{secrets.token_hex(8)}{path.suffix[:10]}")
