"""Keys and seals: round trips, tampering, rotation, fingerprints and the key file."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import crypto
from records.crypto import Keyring
from records.errors import UnavailableError, UnreadableError, WrongUse

RING = Keyring.generate()


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_again_and_never_shows(value: bytes) -> None:
    sealed = RING.seal(value)
    assert RING.open(sealed) == value
    assert sealed != RING.seal(value)
    assert len(value) < 4 or value not in sealed


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=32))
def test_a_file_opens_for_its_own_context_only(content: bytes, context: bytes) -> None:
    sealed = RING.seal_file(content, context)
    assert RING.open_file(sealed, context) == content
    with pytest.raises(UnreadableError):
        RING.open_file(sealed, context + b"x")


@given(st.binary(max_size=50), st.data())
def test_any_changed_or_missing_byte_is_noticed(value: bytes, data: st.DataObject) -> None:
    for sealed, reopen in (
        (RING.seal(value), RING.open),
        (RING.seal_file(value, b"c"), lambda sealed: RING.open_file(sealed, b"c")),
    ):
        place = data.draw(st.integers(0, len(sealed) - 1))
        changed = bytearray(sealed)
        changed[place] ^= data.draw(st.integers(1, 255))
        for broken in (bytes(changed), sealed[:place]):
            with pytest.raises(UnreadableError):
                reopen(broken)


@given(st.binary(max_size=100))
def test_after_a_rotation_old_seals_open_and_new_ones_use_the_new_key(value: bytes) -> None:
    old = Keyring.generate()
    small, file = old.seal(value), old.seal_file(value, b"c")
    new = old.with_new_version()
    assert new.open(small) == value
    assert new.open_file(file, b"c") == value
    resealed, rewrapped = new.reseal(small), new.rewrap_file(file, b"c")
    assert crypto.sealed_version(resealed) == crypto.file_version(rewrapped) == 2
    only_new = new.without_version(1)
    assert only_new.open(resealed) == value
    assert only_new.open_file(rewrapped, b"c") == value
    with pytest.raises(UnreadableError, match="key_missing"):
        only_new.open(small)
    with pytest.raises(UnreadableError, match="key_missing"):
        only_new.open_file(file, b"c")


def test_rewrapping_changes_the_head_and_not_the_image() -> None:
    old = Keyring.generate()
    sealed = old.seal_file(b"p" * 10_000, b"c")
    rewrapped = old.with_new_version().rewrap_file(sealed, b"c")
    assert len(rewrapped) == len(sealed)
    assert rewrapped[:68] != sealed[:68]
    assert rewrapped[68:] == sealed[68:]


def test_fingerprints_stay_over_rotations_and_differ_by_purpose_text_and_installation() -> None:
    old = Keyring.generate()
    new = old.with_new_version().without_version(1)
    assert old.fingerprint("account", "123") == new.fingerprint("account", "123")
    others = {
        old.fingerprint("account", "123"),
        old.fingerprint("account", "124"),
        old.fingerprint("check", "123"),
        Keyring.generate().fingerprint("account", "123"),
    }
    assert len(others) == 4


def test_the_current_key_cannot_be_retired() -> None:
    with pytest.raises(WrongUse):
        RING.without_version(RING.current_version)


@pytest.mark.parametrize(("text", "shown"), [("123456789", "6789"), ("1234", ""), ("", "")])
def test_last4_never_shows_all_of_a_short_number(text: str, shown: str) -> None:
    assert crypto.last4(text) == shown


def test_a_fresh_installation_gets_a_key_file_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.json"
    ring = crypto.load_keyring(path, fresh=True)
    assert ring.versions == (1,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert crypto.load_keyring(path, fresh=False).open(ring.seal(b"x")) == b"x"
    assert [entry.name for entry in path.parent.iterdir()] == ["master.json"]


def test_a_missing_key_file_is_never_replaced_where_there_is_data(tmp_path: Path) -> None:
    path = tmp_path / "master.json"
    with pytest.raises(UnavailableError, match="key_file_missing"):
        crypto.load_keyring(path, fresh=False)
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": {"1": "AA=="}, "search_key": "AA=="}'])
def test_a_damaged_key_file_is_refused_with_a_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.json"
    path.write_text(text)
    with pytest.raises(UnavailableError, match="key_file_unreadable"):
        crypto.load_keyring(path, fresh=True)
    assert path.read_text() == text


def test_a_rotated_key_file_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "master.json"
    ring = crypto.load_keyring(path, fresh=True)
    crypto.write_keyring(ring.with_new_version(), path)
    assert crypto.load_keyring(path, fresh=False).versions == (1, 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.json"
    program = (
        "import sys; from pathlib import Path; from records import crypto\n"
        "ring = crypto.load_keyring(Path(sys.argv[1]), fresh=True)\n"
        "print(ring.fingerprint('a', 'b'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in started}) == 1


def test_without_an_installed_keyring_the_error_says_what_to_do() -> None:
    program = "from records import crypto\ntry: crypto.keyring()\nexcept Exception as e: print(e)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert b"[no_keyring]" in done.stdout
