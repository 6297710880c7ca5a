"""The caller's side of the program that starts decoding children: one for each process.

A child that broke down by itself is the last of its starter: the next comes from a new one, so
that no file can try again what another has learned of where its memory lies.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from intake.limits import Limits

_ROOT = Path(__file__).resolve().parents[1]
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from intake.decode_starter import main; main(sys.argv[2:])"
)
# Pages are pictures of megabytes, made and dropped one after the other: kept on the heap, in large
# pages of memory where the system has them, they cost a child a third of the faults.
_HEAP = (
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=268435456:"
    "glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=33554432"
)
# Nothing of the service's own environment reaches a child: its keys may be in there.
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "GLIBC_TUNABLES": _HEAP,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_END_SECONDS = 5.0
BROKEN: frozenset[int] = frozenset(
    (
        signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV,
        signal.SIGSYS, signal.SIGTRAP, signal.SIGXFSZ,
    )
)  # fmt: skip
"""Signals by which a process breaks down by itself."""


class Child:
    """A decoding child at work: ``pages`` is the descriptor that its frames come out of."""

    def __init__(self, pages: int, line: socket.socket) -> None:
        self.pages = pages
        self._line = line
        self._told: dict[str, float] | None = None

    def status(self) -> int | None:
        """Its exit status as ``subprocess`` has it; None when its starter is gone.

        Raises TimeoutError when it does not end in time.
        """
        if self._told is None:
            self._told = self._hear()
            _add(float(self._told.get("seconds", 0.0)))
        status = self._told.get("status")
        return None if status is None else int(status)

    def close(self) -> int | None:
        """Ends it if it still works; it is gone when this returns. Its status, as above."""
        os.close(self.pages)
        with self._line:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_WR)
            try:
                return self.status()
            except TimeoutError:
                return None

    def _hear(self) -> dict[str, float]:
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        if not poll.poll(_END_SECONDS * 1000):
            raise TimeoutError
        try:
            told = self._line.recv(4096)
        except OSError:
            told = b""
        return dict(json.loads(told)) if told else {}


class _Starter:
    """A running starter; ends once it is retired and its last child is gone."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-c", _START, str(_ROOT), str(os.getpid())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # Ctrl-C at a terminal is for the service, not for files
            )
        self.children = 0
        self.retired = False

    def ask(self, message: bytes, descriptors: list[int]) -> bool:
        """Whether the request went out."""
        try:
            socket.send_fds(self._requests, [message], descriptors)
        except OSError:
            return False
        return True

    def retire(self) -> None:
        """Starts no more children, and ends with the last."""
        self.retired = True
        if not self.children:
            self.end()

    def forget(self) -> None:
        """In a process that was forked off this one: the starter is not its own."""
        self._requests.close()
        self._process.returncode = 0  # nothing to wait for here

    def end(self) -> None:
        """Ends the program and every child of it."""
        self._requests.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_lock = threading.Lock()
_current: _Starter | None = None
_seconds = 0.0


@contextlib.contextmanager
def child(source: int, kind: str, limits: Limits, *, text: bool) -> Iterator[Child]:
    """A child that decodes the file open as ``source``, gone when the block ends."""
    message = json.dumps({"kind": kind, "text": text, "limits": asdict(limits)}).encode()
    starter, begun = _begin(message, source)
    try:
        yield begun
    finally:
        status = begun.close()
        _leave(starter, broken=status is None or -status in BROKEN)


def processor_seconds() -> float:
    """Processor time of all decoding children of this process that have ended, in seconds."""
    return _seconds


def end() -> None:
    """Ends the starter of this process; the next file starts another."""
    global _current
    with _lock:
        gone, _current = _current, None
    if gone is not None:
        gone.end()


def _begin(message: bytes, source: int) -> tuple[_Starter, Child]:
    global _current  # noqa: PLW0603 - one starter for a process
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    read, write = os.pipe()
    try:
        with _lock, theirs:
            asked = [source, write, theirs.fileno()]
            if _current is None or not _current.ask(message, asked):
                if _current is not None:
                    _current.retire()
                _current = _Starter()
                _current.ask(message, asked)  # should it fail, the child's end is heard at once
            _current.children += 1
            return _current, Child(read, ours)
    except BaseException:
        os.close(read)
        ours.close()
        raise
    finally:
        os.close(write)


def _leave(starter: _Starter, *, broken: bool) -> None:
    global _current  # noqa: PLW0603 - one starter for a process
    with _lock:
        starter.children -= 1
        if broken or starter.retired:
            starter.retire()
            if _current is starter:
                _current = None


def _add(seconds: float) -> None:
    global _seconds  # noqa: PLW0603 - a count
    with _lock:
        _seconds += seconds


def _forked() -> None:
    global _current, _lock  # noqa: PLW0603 - both are the other process's
    _lock = threading.Lock()
    if _current is not None:
        _current.forget()
        _current = None


os.register_at_fork(after_in_child=_forked)
atexit.register(end)
