"""Opening an installation: fresh ones get keys and tables, others must have theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from records import crypto, files, jobs
from records.errors import UnavailableError
from records.installation import open_installation
from tests.conftest import quick_settings


def test_a_fresh_installation_gets_keys_tables_and_a_store(tmp_path: Path) -> None:
    opened = open_installation(quick_settings(tmp_path))
    assert opened.settings.master_key_file.exists()
    assert files.store() is opened.store
    assert crypto.keyring().versions == (1,)
    with opened.db.read() as session:
        assert jobs.counts(session) == jobs.Counts()
    opened.close()


@pytest.mark.parametrize("lost", ["key", "key and database"])
def test_stored_data_without_its_key_is_refused_and_no_new_key_made(
    tmp_path: Path, lost: str
) -> None:
    settings = quick_settings(tmp_path)
    opened = open_installation(settings)
    opened.store.put(b"an image")
    opened.close()
    settings.master_key_file.unlink()
    if lost == "key and database":
        for path in tmp_path.glob("lockbox.sqlite*"):
            path.unlink()
    with pytest.raises(UnavailableError, match="key_file_missing"):
        open_installation(settings)
    assert not settings.master_key_file.exists()


def test_a_worker_never_makes_a_key(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="key_file_missing"):
        open_installation(quick_settings(tmp_path), upgrade=False)


def test_opening_again_finds_the_same_data(tmp_path: Path) -> None:
    settings = quick_settings(tmp_path)
    first = open_installation(settings)
    sha256 = first.store.put(b"an image")
    first.close()
    second = open_installation(settings)
    assert second.store.get(sha256) == b"an image"
    second.close()
