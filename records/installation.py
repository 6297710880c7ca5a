"""An installation opened for a process: its database, its keys and its files."""

from __future__ import annotations

from records import crypto, files
from records.db import Database
from records.files import FileStore
from records.settings import Settings


def open_installation(settings: Settings) -> Database:
    """Connect, load the keys (made when nothing is stored yet) and install both for this process.

    Does not migrate. UnavailableError ``database_unreachable``, or ``key_file_missing`` when
    there is data but no key.
    """
    database = Database(settings)
    if not settings.master_key_file.exists():
        stored = settings.files_dir.is_dir() and any(settings.files_dir.iterdir())
        fresh = database.is_fresh() and not stored
    else:
        fresh = False
    ring = crypto.load_keyring(settings.master_key_file, fresh=fresh)
    crypto.install(ring)
    files.install(FileStore(settings.files_dir, ring))
    return database
