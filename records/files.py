"""The file store: contents by their SHA-256, sealed, written whole or not at all.

A content is durable before ``put`` returns: temporary name in the same folder, fsync, rename,
fsync of the folder. A row that names a hash is written only after that.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from records.crypto import Keyring, keyring
from records.errors import NotFound, UnavailableError, UnreadableError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEMPORARY: Final = ".incoming-"
_LEFT_OVER_SECONDS: Final = 3600.0


class FileStore:
    """A folder of sealed contents, two levels deep by the hash: ``ab/cd/abcd...``."""

    def __init__(
        self, root: Path, ring: Keyring | None = None, *, step: Callable[[str], None] | None = None
    ) -> None:
        """``ring`` defaults to the process's; ``step`` is told each step's name before it."""
        self.root = root
        self._ring = ring
        self._step = step or (lambda _: None)

    def put(self, data: bytes) -> str:
        """Keep ``data`` for good and answer its SHA-256 as hex; the same bytes are kept once.

        UnavailableError ``store_full`` or ``store_unwritable`` when the disk refuses.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.exists():
            _sync(target.parent)  # whoever renamed it may have died before its own fsync
            return sha256
        self._write(target, self._keys().seal_file(data, bytes.fromhex(sha256)))
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content; its hash is checked again.

        NotFound ``file_unknown`` when it is not here, UnreadableError ``seal_broken`` or
        ``file_damaged`` when it was changed.
        """
        data = self._keys().open_file(self._sealed(sha256), bytes.fromhex(sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UnreadableError(
                "file_damaged",
                f"The stored file {sha256[:12]} is not what was put in.",
                "Restore it from a backup.",
            )
        return data

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""
        return self.path(sha256).exists()

    def path(self, sha256: str) -> Path:
        """Where the sealed content lies; ValueError for what is not a SHA-256 in hex."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def hashes(self) -> Iterator[str]:
        """Every content here, in the order of their hashes."""
        for path in sorted(self.root.glob("??/??/*")):
            if _SHA256.fullmatch(path.name):
                yield path.name

    def rewrap(self, sha256: str) -> bool:
        """Wrap the file's key with the current master key; whether it had to be."""
        sealed = self._sealed(sha256)
        fresh = self._keys().rewrap_file(sealed, bytes.fromhex(sha256))
        if fresh is sealed:
            return False
        self._write(self.path(sha256), fresh)
        return True

    def sweep(self, *, older_than_seconds: float = _LEFT_OVER_SECONDS) -> int:
        """Remove temporary files that a crash left behind; how many."""
        before = time.time() - older_than_seconds
        removed = 0
        for path in self.root.glob(f"??/??/{_TEMPORARY}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= before:
                    path.unlink()
                    removed += 1
        return removed

    def _keys(self) -> Keyring:
        return self._ring or keyring()

    def _sealed(self, sha256: str) -> bytes:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(
                "file_unknown",
                f"The stored file {sha256[:12]} is missing.",
                "Restore the files folder from a backup.",
            ) from error

    def _write(self, target: Path, sealed: bytes) -> None:
        try:
            _make_folders(self.root, target.parent)
            temporary = target.with_name(_TEMPORARY + secrets.token_hex(12))
            try:
                self._step("write")
                with os.fdopen(_create_private(temporary), "wb") as file:
                    file.write(sealed)
                    file.flush()
                    self._step("sync_file")
                    os.fsync(file.fileno())
                self._step("rename")
                temporary.replace(target)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            self._step("sync_folder")
            _sync(target.parent)
        except OSError as error:
            full = error.errno in {28, 122}  # ENOSPC, EDQUOT
            raise UnavailableError(
                "store_full" if full else "store_unwritable",
                "The file store's disk is full." if full else "The file store cannot be written.",
                f"Make room or give access to {self.root}; nothing half-written was kept.",
            ) from error


_installed: list[FileStore] = []


def install(store: FileStore) -> None:
    """Make ``store`` the one this process uses."""
    _installed[:] = [store]


def store() -> FileStore:
    """The installed store; UnavailableError ``no_file_store`` before ``install``."""
    if not _installed:
        raise UnavailableError(
            "no_file_store",
            "No file store is open in this process.",
            "Open the installation first: records.installation.open_installation(settings).",
        )
    return _installed[0]


def _create_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _make_folders(root: Path, folder: Path) -> None:
    """Make the shard, and make each new name durable in its parent."""
    if folder.is_dir():
        return
    made: list[Path] = []
    at = folder
    while not at.is_dir():
        made.append(at)
        at = at.parent
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in reversed(made):
        _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
