"""An open installation: settings, database, keys and files, ready together or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from records import crypto, files, migrate
from records.db import Database
from records.files import FileStore
from records.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Installation:
    """What every edge opens first."""

    settings: Settings
    db: Database
    store: FileStore

    def close(self) -> None:
        """Close the pooled connections."""
        self.db.close()


def open_installation(settings: Settings | None = None, *, upgrade: bool = True) -> Installation:
    """Open keys, database (migrated to the newest version when ``upgrade``) and file store.

    Raises UnavailableError ``database_unreachable`` or ``key_file_missing``: each says what to do.
    """
    settings = settings or load_settings()
    make_data_dir(settings)
    db = Database(settings)
    keep_private(db)
    if upgrade:
        has_files = settings.files_dir.is_dir() and any(settings.files_dir.iterdir())
        fresh = db.is_fresh() and not has_files
        keyring = crypto.load_keyring(settings.master_key_file, fresh=fresh)
        crypto.install(keyring)
        migrate.upgrade(db)
    else:
        crypto.install(crypto.load_keyring(settings.master_key_file, fresh=False))
    store = FileStore(settings.files_dir, crypto.keyring())
    files.install(store)  # stages have no settings: they find the store of their process
    return Installation(settings, db, store)


def make_data_dir(settings: Settings) -> None:
    """Make the data folder, for its owner alone; an empty one (a new volume) is closed, too.

    One that is in use keeps its rights: somebody may have chosen them, and `lockbox doctor` tells.
    """
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(OSError):  # somebody else's folder stays as its owner wants it
        if not any(folder.iterdir()):
            folder.chmod(0o700)


def keep_private(db: Database) -> None:
    """Make an SQLite file, if it is not there yet, and close it to other people of this machine.

    SQLite gives its journal files the rights of the database's own.
    """
    if not db.is_sqlite or not db.url.database:
        return
    path = Path(db.url.database)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    with suppress(OSError):  # somebody else's file stays as its owner wants it
        path.chmod(0o600)
