"""Keys and seals: AES-256-GCM under versioned master keys, and keyed fingerprints for search.

Small values are sealed under a key derived from the master key of one version; files get a key of
their own, wrapped by it, so that a rotation rewrites 76 bytes and not the image. The search key
is apart from the master keys: fingerprints stay the same when master keys rotate.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from records.errors import UnavailableError, UnreadableError, WrongUse

KEY_BYTES = 32
NONCE_BYTES = 12
_TAG_BYTES = 16
_VALUE_MARK = b"\x01"
_FILE_MARK = b"LBF1"
_VERSION = struct.Struct(">I")
_FILE_HEAD_BYTES = len(_FILE_MARK) + _VERSION.size + NONCE_BYTES + KEY_BYTES + _TAG_BYTES


class _Ciphers(NamedTuple):
    value: AESGCM
    wrap: AESGCM


class Keyring:
    """The master keys by version (new seals use the highest) and the search key."""

    def __init__(self, keys: Mapping[int, bytes], search_key: bytes) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in (*keys.values(), search_key)):
            raise ValueError("a keyring needs at least one key, and keys of 32 bytes")
        self._keys = dict(keys)
        self._search_key = search_key
        self._ciphers = {version: _derive(key) for version, key in self._keys.items()}
        self._fingerprint_keys: dict[str, bytes] = {}

    @classmethod
    def generate(cls) -> Keyring:
        """A new keyring with one master key, version 1."""
        return cls({1: secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))

    @property
    def current_version(self) -> int:
        """The version under which new values are sealed."""
        return max(self._keys)

    @property
    def versions(self) -> tuple[int, ...]:
        """All versions that can still be opened, oldest first."""
        return tuple(sorted(self._keys))

    def with_new_version(self) -> Keyring:
        """The same keyring with one more master key, which new seals will use."""
        new = {**self._keys, self.current_version + 1: secrets.token_bytes(KEY_BYTES)}
        return Keyring(new, self._search_key)

    def without_version(self, version: int) -> Keyring:
        """The keyring after ``version`` is retired; refuses the current one."""
        if version == self.current_version:
            raise WrongUse("current_key", "The current master key cannot be retired.")
        kept = {number: key for number, key in self._keys.items() if number != version}
        return Keyring(kept, self._search_key)

    def seal(self, value: bytes) -> bytes:
        """Seal a small value: mark, key version, nonce, ciphertext with tag."""
        version = self.current_version
        head = _VALUE_MARK + _VERSION.pack(version)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return head + nonce + self._ciphers[version].value.encrypt(nonce, value, head)

    def open(self, sealed: bytes) -> bytes:
        """The value that ``seal`` took; UnreadableError ``seal_broken`` when it was changed."""
        start = len(_VALUE_MARK) + _VERSION.size
        head, nonce = sealed[:start], sealed[start : start + NONCE_BYTES]
        if len(sealed) < start + NONCE_BYTES + _TAG_BYTES or head[:1] != _VALUE_MARK:
            raise _broken()
        cipher = self._cipher(_VERSION.unpack(head[1:])[0]).value
        return _decrypt(cipher, nonce, sealed[start + NONCE_BYTES :], head)

    def reseal(self, sealed: bytes) -> bytes:
        """The same value under the current key; unchanged when it already is."""
        if sealed_version(sealed) == self.current_version:
            return sealed
        return self.seal(self.open(sealed))

    def seal_file(self, content: bytes, context: bytes) -> bytes:
        """Seal a file under a key of its own; ``context`` (its hash) is bound to the seal."""
        file_key = secrets.token_bytes(KEY_BYTES)
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = AESGCM(file_key).encrypt(nonce, content, context)
        return self._file_head(file_key, context) + nonce + body

    def open_file(self, sealed: bytes, context: bytes) -> bytes:
        """The content that ``seal_file`` took, for the same ``context``."""
        file_key = self._file_key(sealed, context)
        start = _FILE_HEAD_BYTES + NONCE_BYTES
        view = memoryview(sealed)
        return _decrypt(AESGCM(file_key), sealed[_FILE_HEAD_BYTES:start], view[start:], context)

    def rewrap_file(self, sealed: bytes, context: bytes) -> bytes:
        """The sealed file with its key wrapped by the current master key; the body stays."""
        if file_version(sealed) == self.current_version:
            return sealed
        head = self._file_head(self._file_key(sealed, context), context)
        return head + sealed[_FILE_HEAD_BYTES:]

    def fingerprint(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 of ``text`` as hex, under a key derived for ``purpose``; for equality search.

        It stays the same over key rotations. Normalise ``text`` first (digits only, upper case).
        """
        key = self._fingerprint_keys.get(purpose)
        if key is None:
            key = _hkdf(self._search_key, f"lockbox fingerprint {purpose}")
            self._fingerprint_keys[purpose] = key
        return hmac.digest(key, text.encode(), "sha256").hex()

    def to_json(self) -> str:
        """The key file's text."""
        keys = {str(number): _encode(key) for number, key in sorted(self._keys.items())}
        return json.dumps({"keys": keys, "search_key": _encode(self._search_key)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Keyring:
        """A keyring from a key file's text; ValueError when it is not one."""
        try:
            raw = json.loads(text)
            keys = {int(number): _decode(key) for number, key in raw["keys"].items()}
            return cls(keys, _decode(raw["search_key"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a key file") from error

    def _cipher(self, version: int) -> _Ciphers:
        if version not in self._ciphers:
            raise UnreadableError(
                "key_missing",
                f"Master key version {version} is not in the key file.",
                "Restore the key file this installation was written with.",
            )
        return self._ciphers[version]

    def _file_head(self, file_key: bytes, context: bytes) -> bytes:
        version = self.current_version
        mark = _FILE_MARK + _VERSION.pack(version)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return mark + nonce + self._ciphers[version].wrap.encrypt(nonce, file_key, mark + context)

    def _file_key(self, sealed: bytes, context: bytes) -> bytes:
        wrap = self._cipher(file_version(sealed)).wrap
        start = len(_FILE_MARK) + _VERSION.size
        nonce = sealed[start : start + NONCE_BYTES]
        wrapped = sealed[start + NONCE_BYTES : _FILE_HEAD_BYTES]
        return _decrypt(wrap, nonce, wrapped, sealed[:start] + context)


def sealed_version(sealed: bytes) -> int:
    """The master key version under which a small value is sealed."""
    if len(sealed) < 1 + _VERSION.size or sealed[:1] != _VALUE_MARK:
        raise _broken()
    return int(_VERSION.unpack_from(sealed, 1)[0])


def file_version(sealed: bytes) -> int:
    """The master key version that wraps a sealed file's key."""
    if len(sealed) < _FILE_HEAD_BYTES + NONCE_BYTES + _TAG_BYTES or sealed[:4] != _FILE_MARK:
        raise _broken()
    return int(_VERSION.unpack_from(sealed, len(_FILE_MARK))[0])


def last4(text: str) -> str:
    """The last four characters, for showing; nothing of a text of four or fewer."""
    return text[-4:] if len(text) > 4 else ""


def write_keyring(ring: Keyring, path: Path) -> None:
    """Put the key file in place, readable by its owner only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write_private(temporary, ring.to_json())
    temporary.replace(path)
    _sync_folder(path.parent)


def load_keyring(path: Path, *, fresh: bool) -> Keyring:
    """Read the key file, or make it when the installation is ``fresh`` (holds no data yet).

    UnavailableError ``key_file_missing`` when there is data but no key: a new key would make all
    that is stored unreadable for good while looking as if it worked.
    """
    if not path.exists():
        if not fresh:
            raise UnavailableError(
                "key_file_missing",
                f"The key file {path} is missing, and this installation already holds data.",
                "Restore it from your backup, or set LOCKBOX_MASTER_KEY_FILE to where it is.",
            )
        _create_once(path)
    try:
        return Keyring.from_json(path.read_text())
    except (OSError, ValueError) as error:
        raise UnavailableError(
            "key_file_unreadable",
            f"The key file {path} cannot be read.",
            "Check its permissions, or restore it from your backup.",
        ) from error


_installed: list[Keyring] = []


def install(ring: Keyring) -> None:
    """Make ``ring`` the one this process seals with."""
    _installed[:] = [ring]


def keyring() -> Keyring:
    """The installed keyring; UnavailableError ``no_keyring`` before ``install``."""
    if not _installed:
        raise UnavailableError(
            "no_keyring",
            "No keys are loaded in this process.",
            "Open the installation first: records.installation.open_installation(settings).",
        )
    return _installed[0]


def _create_once(path: Path) -> None:
    """Two processes may start at once: the first key file linked into place wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write_private(temporary, Keyring.generate().to_json())
    with suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()
    _sync_folder(path.parent)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _derive(master_key: bytes) -> _Ciphers:
    return _Ciphers(
        AESGCM(_hkdf(master_key, "lockbox value")), AESGCM(_hkdf(master_key, "lockbox wrap"))
    )


def _hkdf(key: bytes, info: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info.encode()).derive(key)


def _decrypt(cipher: AESGCM, nonce: bytes, data: bytes | memoryview, context: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, data, context)
    except InvalidTag as error:
        raise _broken() from error


def _broken() -> UnreadableError:
    return UnreadableError(
        "seal_broken",
        "A sealed value was changed, cut short, or sealed with other keys.",
        "Restore it from a backup, or check that the key file belongs to this installation.",
    )


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
