"""The program that starts decoding children: it loads their code once and forks one for each file.

It never opens a file that it hands on, so nothing of one file is there when the next child
begins. Each request comes as one message with three descriptors: the file, the pipe for its
pages, and a line on which the child's end is told. When the caller's side of that line closes,
the child is killed; when the caller is gone, all are.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from typing import NoReturn

from intake import decode_child
from intake.limits import Limits

_MESSAGE_BYTES = 1 << 16
_LOOK_MS = 5000
_DESCRIPTORS = 64  # more than a child may have


def main(arguments: list[str]) -> NoReturn:
    """Serves requests on fd 0 until the caller's side is closed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        _Starter(socket.socket(fileno=os.dup(0)), int(arguments[0])).serve()
    finally:
        os._exit(0)


class _Starter:
    """The children that are at work, each with the line on which its end is told."""

    def __init__(self, requests: socket.socket, parent: int) -> None:
        self._requests, self._parent = requests, parent
        self._at_work: dict[int, socket.socket] = {}
        self._spent = 0.0
        self._poll = select.poll()
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Starts, watches and buries children."""
        for descriptor in (self._requests.fileno(), self._woken):
            self._poll.register(descriptor, select.POLLIN)
        try:
            # Another process of the caller's may hold its side too: then only this tells.
            while os.getppid() == self._parent and self._step():
                pass
        finally:
            for child in self._at_work:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    def _step(self) -> bool:
        going = True
        # A number is free again once its child is buried, and the next child may get it: what is
        # told of lines is heeded before that, and requests come last.
        events = sorted(
            (self._rank(descriptor), descriptor) for descriptor, _ in self._poll.poll(_LOOK_MS)
        )
        for _, descriptor in events:
            if descriptor == self._woken:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._woken, 4096)
                self._bury()
            elif descriptor == self._requests.fileno():
                going = self._take()
            else:
                self._stop(descriptor)
        return going

    def _rank(self, descriptor: int) -> int:
        return {self._woken: 1, self._requests.fileno(): 2}.get(descriptor, 0)

    def _take(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._requests, _MESSAGE_BYTES, 3)
        if not message:
            return False
        source, pages, told = descriptors
        line = socket.socket(fileno=told)
        asked = json.loads(message)
        # Its code is loaded here, once; what a decoder could be led to load by a file is not.
        decode_child.load(asked["kind"], text=asked["text"])
        gc.freeze()  # what is loaded stays shared with the children
        starter = os.getpid()
        child = os.fork()
        if child == 0:
            _begin(source, pages, starter, asked)
        os.close(source)
        os.close(pages)
        self._at_work[child] = line
        self._poll.register(told, select.POLLIN)
        return True

    def _stop(self, descriptor: int) -> None:
        """The caller wants no more of a child."""
        self._poll.unregister(descriptor)
        for child, line in self._at_work.items():
            if line.fileno() == descriptor:
                os.kill(child, signal.SIGKILL)  # ours, and not yet buried

    def _bury(self) -> None:
        """Tells how each child that ended did so, and what it took."""
        while self._at_work:
            child, status, usage = os.wait4(-1, os.WNOHANG)
            if child == 0:
                return
            line = self._at_work.pop(child)
            with contextlib.suppress(KeyError):
                self._poll.unregister(line.fileno())
            own, self._spent = time.process_time() - self._spent, time.process_time()
            told = {
                "status": os.waitstatus_to_exitcode(status),
                "seconds": usage.ru_utime + usage.ru_stime + own,
            }
            with line, contextlib.suppress(OSError):
                line.sendall(json.dumps(told).encode())


def _begin(source: int, pages: int, starter: int, asked: dict[str, object]) -> NoReturn:
    """Goes on as the child for one file, with that file and the pipe for its pages only."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(source, 0)
        os.dup2(pages, 1)
        os.closerange(3, _DESCRIPTORS)
        limits = asked["limits"]
        assert isinstance(limits, dict)  # noqa: S101 - narrows; our own caller wrote it
        decode_child.work(str(asked["kind"]), starter, Limits(**limits), text=bool(asked["text"]))
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
