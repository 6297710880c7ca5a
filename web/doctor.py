"""What this machine has, what is missing, and the command that brings it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from records.db import Database
from records.errors import LockboxError, UnavailableError
from records.migrate import pending
from records.settings import Settings

_TESSDATA = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
_ROOM_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``needed`` is False for what only tests or larger set-ups use."""

    name: str
    ok: bool
    needed: bool
    found: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """For ``doctor --json``."""
        return asdict(self)


def examine(settings: Settings) -> list[Check]:
    """Look at everything; never raises."""
    return [
        _tessdata(),
        _module("tesserocr", "Tesseract in process", needed=True),
        _module("rapidocr", "line recogniser", needed=True),
        _module("cv2", "image library", needed=True),
        _writable(settings.data_dir),
        _private(settings.data_dir),
        _room(settings.data_dir),
        _attempt("database", lambda: _database(settings), needed=True),
        _key_file(settings),
        _attempt("redis", lambda: _redis(settings), needed=settings.redis_url is not None),
        _program("redis-server", "redis-server", needed=False),
        _postgres(),
        _program("chromium", "chromium", needed=False),
    ]


def _install(package: str) -> str:
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {package}"


def _tessdata() -> Check:
    folders = [os.environ.get("TESSDATA_PREFIX", ""), *_TESSDATA]
    found = next((f for f in folders if f and (Path(f) / "eng.traineddata").exists()), "")
    return Check(
        "Tesseract English data",
        bool(found),
        needed=True,
        found=found,
        remedy=_install("tesseract-ocr"),
    )


def _module(name: str, label: str, *, needed: bool) -> Check:
    there = importlib.util.find_spec(name) is not None
    return Check(label, there, needed, name if there else "", "make install")


def _program(name: str, package: str, *, needed: bool) -> Check:
    path = shutil.which(name) or ""
    return Check(f"{name} (tests, larger set-ups)", bool(path), needed, path, _install(package))


def _postgres() -> Check:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    path = str(found[-1]) if found else (shutil.which("postgres") or "")
    return Check(
        "PostgreSQL server (tests, larger set-ups)",
        bool(path),
        needed=False,
        found=path,
        remedy=_install("postgresql"),
    )


def _writable(folder: Path) -> Check:
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    ok = os.access(nearest, os.W_OK)
    return Check(
        "data folder can be written",
        ok,
        needed=True,
        found=str(folder),
        remedy=f"Give this user access to {nearest}, or set LOCKBOX_DATA_DIR.",
    )


def _private(folder: Path) -> Check:
    name = "data folder is private"
    if not folder.exists():
        return Check(name, ok=True, needed=True, found="made at the first start", remedy="")
    mode = folder.stat().st_mode & 0o777
    return Check(
        name,
        mode & 0o077 == 0,
        needed=True,
        found=f"{folder}, rights {mode:03o}",
        remedy=f"chmod 700 {folder}",
    )


def _room(folder: Path) -> Check:
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(nearest).free
    return Check(
        "room on the disk",
        free > _ROOM_BYTES,
        needed=True,
        found=f"{free / 1024**3:.1f} GB free",
        remedy="Make at least 2 GB free.",
    )


def _key_file(settings: Settings) -> Check:
    path = settings.master_key_file
    if not path.exists():
        return Check("master key", ok=True, needed=True, found="made at the first start", remedy="")
    private = path.stat().st_mode & 0o077 == 0
    return Check(
        "master key is private", private, needed=True, found=str(path), remedy=f"chmod 600 {path}"
    )


def _database(settings: Settings) -> str:
    db = Database(settings)
    try:
        if db.is_sqlite and db.url.database and not Path(db.url.database).exists():
            return "SQLite, made at the first start"
        db.check()
        return f"{db.engine.dialect.name}, {'migration pending' if pending(db) else 'up to date'}"
    finally:
        db.close()


def _redis(settings: Settings) -> str:
    if settings.redis_url is None:
        return "not used: workers look for jobs by themselves"
    import redis  # noqa: PLC0415 - a third of a second that most commands need not wait

    client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        raise UnavailableError(
            "redis_unreachable",
            type(error).__name__,
            "Start Redis, or unset LOCKBOX_REDIS_URL: polling works without it.",
        ) from error
    return "answers"


def _attempt(name: str, look: Callable[[], str], *, needed: bool) -> Check:
    try:
        return Check(name, ok=True, needed=needed, found=look(), remedy="")
    except LockboxError as error:
        return Check(name, ok=False, needed=needed, found=error.message, remedy=error.remedy)
