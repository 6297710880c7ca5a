"""The file store: what was put stays whole, through crashes at each step and full disks."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.crypto import Keyring
from records.errors import NotFound, UnavailableError, UnreadableError
from records.files import FileStore

RING = Keyring.generate()
STEPS = ("write", "sync_file", "rename", "sync_folder")


class PowerLossError(BaseException):
    """The machine stops here; no handler runs."""


def _store(
    root: Path, fails_at: str | None = None, error: BaseException | None = None
) -> FileStore:
    def step(name: str) -> None:
        if name == fails_at:
            raise error or PowerLossError

    return FileStore(root / "files", RING, step=step)


@given(data=st.binary(max_size=2000))
def test_what_is_put_comes_back_under_its_hash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    store = _store(tmp_path_factory.mktemp("store"))
    sha256 = store.put(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert store.get(sha256) == data
    assert store.put(data) == sha256
    assert list(store.hashes()) == [sha256]


def test_nothing_readable_lies_on_the_disk(tmp_path: Path) -> None:
    store = _store(tmp_path)
    sha256 = store.put(b"Jane Q. Patient 4111 1111" * 20)
    on_disk = store.path(sha256).read_bytes()
    assert b"Patient" not in on_disk
    assert store.path(sha256).parent == tmp_path / "files" / sha256[:2] / sha256[2:4]
    assert store.path(sha256).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_leaves_the_whole_file_or_none(tmp_path: Path, step: str) -> None:
    with pytest.raises(PowerLossError):
        _store(tmp_path, step).put(b"x" * 5000)
    after = _store(tmp_path)
    sha256 = hashlib.sha256(b"x" * 5000).hexdigest()
    assert after.has(sha256) == (step == "sync_folder")
    assert list(after.hashes()) == ([sha256] if step == "sync_folder" else [])
    assert after.put(b"x" * 5000) == sha256
    assert after.get(sha256) == b"x" * 5000


def test_the_left_overs_of_a_crash_are_swept_and_those_in_use_are_not(tmp_path: Path) -> None:
    with pytest.raises(PowerLossError):
        _store(tmp_path, "rename").put(b"x")
    store = _store(tmp_path)
    kept = store.put(b"y")
    assert store.sweep() == 0
    assert store.sweep(older_than_seconds=0) == 1
    assert store.sweep(older_than_seconds=0) == 0
    assert store.get(kept) == b"y"


@pytest.mark.parametrize("step", STEPS[:3])
def test_a_full_disk_is_an_error_with_a_remedy_and_leaves_nothing(
    tmp_path: Path, step: str
) -> None:
    full = OSError(28, "No space left on device")
    with pytest.raises(UnavailableError, match="store_full"):
        _store(tmp_path, step, full).put(b"x")
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_a_changed_file_is_never_given_out(tmp_path: Path) -> None:
    store = _store(tmp_path)
    sha256 = store.put(b"hello")
    sealed = bytearray(store.path(sha256).read_bytes())
    sealed[-1] ^= 1
    store.path(sha256).write_bytes(bytes(sealed))
    with pytest.raises(UnreadableError, match="seal_broken"):
        store.get(sha256)


def test_a_file_in_another_files_place_is_noticed(tmp_path: Path) -> None:
    store = _store(tmp_path)
    one, other = store.put(b"one"), store.put(b"other")
    store.path(other).replace(store.path(one))
    with pytest.raises(UnreadableError):
        store.get(one)


def test_what_is_not_there_is_not_found_and_names_stay_in_the_folder(tmp_path: Path) -> None:
    store = _store(tmp_path)
    with pytest.raises(NotFound, match="file_unknown"):
        store.get("0" * 64)
    for name in ("../" * 3 + "etc/passwd", "A" * 64, "0" * 63, ""):
        with pytest.raises(ValueError, match="SHA-256"):
            store.path(name)


def test_many_writers_of_the_same_bytes_leave_one_file(tmp_path: Path) -> None:
    store = _store(tmp_path)
    threads = [threading.Thread(target=store.put, args=(b"same" * 1000,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1


def test_rewrapping_moves_a_file_to_the_current_key(tmp_path: Path) -> None:
    old = FileStore(tmp_path, RING)
    sha256 = old.put(b"image")
    new_ring = RING.with_new_version()
    new = FileStore(tmp_path, new_ring)
    assert new.rewrap(sha256) is True
    assert new.rewrap(sha256) is False
    assert FileStore(tmp_path, new_ring.without_version(1)).get(sha256) == b"image"
