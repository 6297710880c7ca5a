"""An open installation: settings, database, keys and files, ready together or not at all."""

from __future__ import annotations

from dataclasses import dataclass

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
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings)
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
