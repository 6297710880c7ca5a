"""The parent's side of the decoding child: starts it, times it, believes nothing it says."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

from intake import starter, wire
from intake.headers import jpeg_size, png_size
from intake.limits import Limits
from intake.sniff import Kind
from intake.types import DecodedPage, Side, Word
from records.errors import UnavailableError, UnreadableError

# Signals a process brings on itself; every other comes from outside and says nothing of the file.
_OWN_SIGNALS: dict[int, str] = {
    signal.SIGXCPU: "decode_timeout",
    **dict.fromkeys(starter.BROKEN, "decode_crashed"),
}
_SIZES = {"image/png": (b"\x89PNG\r\n\x1a\n", png_size), "image/jpeg": (b"\xff\xd8\xff", jpeg_size)}
_READ_BYTES = 1 << 20

Problem = tuple[int, str]
"""A page number and the code of what is wrong with that page."""


class ChildFailed(Exception):
    """The child gave up, died, or said what makes no sense; ``code`` is the refusal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def child_parts(data: bytes, kind: Kind, limits: Limits) -> Iterator[DecodedPage | Problem]:
    """Pages and page problems in order as the child sends them; raises ``ChildFailed``.

    Raises UnavailableError ``decoder_ended`` when something outside ended the child, such as an
    operator or the kernel short of memory: nothing is known of the file then, so it may be tried
    again. The child is gone when this returns, raises or is closed.
    """
    # A PDF that shows no font and hides no objects has no text.
    text = b"/Font" in data or b"/ObjStm" in data
    with (
        contextlib.closing(_source(data)) as source,
        starter.child(source.fileno(), kind, limits, text=text) as begun,
    ):
        yield from _read_parts(begun, limits)


def _source(data: bytes) -> BinaryIO:
    """The bytes as a file without a name: in memory where the system can, since it is mail."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("mail"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(data)
    file.flush()
    file.seek(0)
    return file


class _Clock:
    """The time the child may still take; the caller's own time between pages is not counted."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.total_seconds
        self._silence = limits.silence_seconds
        self._frame_left = self._silence

    def new_frame(self) -> None:
        self._frame_left = self._silence

    def wait(self, descriptor: int) -> None:
        """Waits until there is something to read; raises ``ChildFailed`` when time is over."""
        started = time.monotonic()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
        ready = poll.poll(max(min(self._left, self._frame_left), 0) * 1000)
        waited = time.monotonic() - started
        self._left -= waited
        self._frame_left -= waited
        if not ready:
            raise ChildFailed("decode_timeout")


def _read_parts(child: starter.Child, limits: Limits) -> Iterator[DecodedPage | Problem]:
    descriptor = child.pages
    clock = _Clock(limits)

    def take(count: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < count:
            clock.wait(descriptor)
            piece = os.read(descriptor, min(count - len(pieces), _READ_BYTES))
            if not piece:
                break
            pieces += piece
        return bytes(pieces)

    last, begun = -1, False
    while True:
        clock.new_frame()
        try:
            frame = wire.read(take, limits.max_page_bytes)
        except wire.BrokenFrame:
            raise ChildFailed(_death(child, begun=begun)) from None
        if frame is None:
            raise ChildFailed(_death(child, begun=begun))
        head, body = frame
        match head.get("type"):
            case "end":
                return
            case "error":
                raise ChildFailed(str(head.get("code")))
            case "begin":
                begun = True
                continue
        part = _checked(head, body, limits)
        index = part.index if isinstance(part, DecodedPage) else part[0]
        if not last < index < limits.max_pages:
            raise ChildFailed("decode_crashed")
        last = index
        yield part


def _death(child: starter.Child, *, begun: bool) -> str:
    """The refusal for a child that ended without a word, when the file can be the cause."""
    try:
        status = child.status()
    except TimeoutError:
        return "decode_crashed"
    code = None if status is None else _OWN_SIGNALS.get(-status)
    if code is None and status is not None and status >= 0 and begun:
        code = "decode_crashed"
    if code is None:
        raise UnavailableError(
            "decoder_ended",
            "The decoder was ended from outside before it was done.",
            "It is tried again; if it stays so, the machine may be short of memory.",
        )
    return code


def _checked(head: dict[str, Any], body: bytes, limits: Limits) -> DecodedPage | Problem:
    """The frame as a value, when everything in it is what it has to be."""
    try:
        if head["type"] == "problem":
            return int(head["index"]), str(head["code"])
        mark, size = _SIZES[head["media_type"]]
        width, height = size(body) if body.startswith(mark) else (0, 0)
        fits = (width, height) == (head["width"], head["height"])
        if not fits or not 0 < width * height <= limits.max_page_pixels:
            raise ChildFailed("decode_crashed")
        item, dpi = head["item"], head["dpi"]
        return DecodedPage(
            int(head["index"]),
            body,
            str(head["media_type"]),
            width,
            height,
            None if dpi is None else float(dpi),
            tuple(_word(word) for word in head["words"][: limits.max_words]),
            _side(head["side"]),
            None if item is None else int(item),
            {str(name): str(value) for name, value in head["facts"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, UnreadableError):
        raise ChildFailed("decode_crashed") from None


def _side(value: object) -> Side | None:
    return "front" if value == "front" else "back" if value == "back" else None


def _word(value: list[Any]) -> Word:
    text, x, y, width, height = value
    return Word(str(text), (int(x), int(y), int(width), int(height)), 1.0)
