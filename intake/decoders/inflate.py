"""Streams of a PDF that inflate beyond all reason, found before a renderer inflates them."""

from __future__ import annotations

import re
import zlib

from intake.decoders import ascii85
from intake.limits import Limits
from records.errors import UnreadableError

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_ZLIB_MAX_RATIO = 1032
_CHUNK_BYTES = 256 * 1024
_MAX_NESTING = 8


def check_streams(data: bytes, limits: Limits) -> None:
    """Refuses a PDF in which one stream would inflate past ``max_inflated_bytes``.

    Filters are told by the data itself, not by the dictionary, whose names can be hidden. Streams
    within streams are followed. One level of deflate grows at most 1,032 times, so short streams
    are only opened far enough to see whether another level lies inside. Raises
    ``UnreadableError`` with ``decompression_bomb``.
    """
    starts = [match.end() for match in _STREAM.finditer(data)]
    for start, following in zip(starts, [*starts[1:], len(data)], strict=True):
        end = data.find(b"endstream", start, following)
        stream = _unwrapped(memoryview(data)[start : end if end >= 0 else following])
        if _is_zlib(stream[:2]) and _inflates_past(stream, limits.max_inflated_bytes):
            raise UnreadableError(
                "decompression_bomb",
                "The PDF holds data that inflates to more than any page needs.",
                "Ask the sender for a clean copy, or scan the paper.",
            )


def _unwrapped(stream: memoryview) -> memoryview:
    """The stream out of its text form (ASCII85 or ASCIIHex) when deflate lies inside."""
    if not _is_zlib(stream[:2]):
        for decode in (_from_ascii85, _from_hex):
            if _is_zlib(decode(bytes(stream[:40]))[:2]):
                return memoryview(decode(bytes(stream)))
    return stream


def _from_ascii85(text: bytes) -> bytes:
    try:
        body = text.strip().removeprefix(b"<~").partition(b"~")[0]
        return ascii85.decoded(body)
    except ValueError:
        return b""


def _from_hex(text: bytes) -> bytes:
    digits = b"".join(text.partition(b">")[0].split())
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    except ValueError:
        return b""


def _is_zlib(head: bytes | memoryview) -> bool:
    """Whether a zlib header (RFC 1950, 2.2) stands here."""
    return len(head) >= 2 and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0


class _Level:
    """One level of deflate; feeds what it inflates to the next level, in small pieces."""

    def __init__(self, depth: int, limit: int) -> None:
        self._inflater = zlib.decompressobj()
        self._depth, self._limit = depth, limit
        self._total = 0
        self._head = b""
        self._next: _Level | None = None

    @property
    def nested(self) -> bool:
        return self._next is not None

    def feed(self, piece: bytes | memoryview) -> bool:
        """True once this level or one inside it is past the limit."""
        data: bytes | memoryview = piece
        while data and not self._inflater.eof:
            out = self._inflater.decompress(data, _CHUNK_BYTES)
            data = self._inflater.unconsumed_tail
            self._total += len(out)
            if self._total > self._limit or self._pass_on(out):
                return True
            if not out:
                return False
        return False

    def _pass_on(self, out: bytes) -> bool:
        if self._total == len(out) and _is_zlib(out[:2]) and self._depth < _MAX_NESTING:
            self._next = _Level(self._depth + 1, self._limit)
        if self._next is None:
            return False
        try:
            return self._next.feed(out)
        except zlib.error:
            self._next = None
            return False


def _inflates_past(stream: memoryview, limit: int) -> bool:
    level = _Level(0, limit)
    could = len(stream) * _ZLIB_MAX_RATIO > limit
    try:
        for at in range(0, len(stream), _CHUNK_BYTES):
            if level.feed(stream[at : at + _CHUNK_BYTES]):
                return True
            if not could and not level.nested:
                return False
    except zlib.error:
        return False
    return False
