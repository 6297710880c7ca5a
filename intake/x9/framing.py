"""How records lie in an X9 file: four framings and two encodings, told by the first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from intake.x9.record import Encoding, to_integer, to_text

FramingKind = Literal["len4", "len4_little_endian", "newline", "raw"]

SNIFF_BYTES = 4096
"""So many bytes from the start of a file are enough for ``sniff``."""

_TERMINATORS: dict[Encoding, tuple[bytes, ...]] = {
    "ascii": (b"\r\n", b"\n", b"\r"),
    "ebcdic": (b"\r\x25", b"\r\x15", b"\r\n", b"\x25", b"\x15", b"\n", b"\r"),
}
_TYPE_01: dict[bytes, Encoding] = {b"01": "ascii", b"\xf0\xf1": "ebcdic"}
_PRELUDE_MAX_BYTES = 512
_HEADER_MAX_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Framing:
    """Where one record ends and the next begins, and what encodes their text.

    ``prelude`` is a transmission line before the first record (``$$ADD ...``), copied as it is;
    ``terminator`` is the line end to write after built records (newline framing).
    """

    kind: FramingKind = "len4"
    encoding: Encoding = "ebcdic"
    prelude: bytes = b""
    terminator: bytes = b""


def sniff(head: bytes) -> Framing | None:
    """The framing of a file that starts with ``head`` (up to ``SNIFF_BYTES``); None: not X9."""
    prefixed = _header_encoding(head[4:84])
    if prefixed and 0 < int.from_bytes(head[:4], "big") <= _HEADER_MAX_BYTES:
        return Framing("len4", prefixed)
    if prefixed and 0 < int.from_bytes(head[:4], "little") <= _HEADER_MAX_BYTES:
        return Framing("len4_little_endian", prefixed)
    prelude = _prelude(head)
    body = head[len(prelude) :]
    encoding = _header_encoding(body[:80])
    if encoding is None:
        return None
    text_end = min(find_terminator(body[:83], encoding)[0], 80)
    terminator = terminator_at(body[text_end : text_end + 2], encoding)
    if terminator:
        return Framing("newline", encoding, prelude, terminator)
    return Framing("raw", encoding, prelude)


def terminator_at(piece: bytes, encoding: Encoding) -> bytes:
    """The line end that ``piece`` begins with, or nothing."""
    return next((t for t in _TERMINATORS[encoding] if piece.startswith(t)), b"")


def find_terminator(piece: bytes, encoding: Encoding) -> tuple[int, bytes]:
    """Place and bytes of the first line end in ``piece``; its length and nothing if none."""
    found = [(at, t) for t in _TERMINATORS[encoding] if (at := piece.find(t)) >= 0]
    if not found:
        return len(piece), b""
    at = min(place for place, _ in found)
    return at, terminator_at(piece[at : at + 2], encoding)


def _prelude(head: bytes) -> bytes:
    """The ``$$ADD`` line with its line end, in either encoding; empty when there is none."""
    marks: dict[Encoding, bytes] = {"ascii": b"$$ADD", "ebcdic": "$$ADD".encode("cp037")}
    for encoding, mark in marks.items():
        if head.startswith(mark):
            line = head[:_PRELUDE_MAX_BYTES]
            at, terminator = find_terminator(line, encoding)
            return line[: at + len(terminator)] if terminator else b""
    return b""


def _header_encoding(record: bytes) -> Encoding | None:
    """The encoding of a file header record, or None when these bytes are not one.

    Asked of it: type 01, a numeric standard level, P or T, and an 8-digit creation date, which
    keeps out other files that start with ``01`` (BAI2 among them).
    """
    encoding = _TYPE_01.get(record[:2])
    if encoding is None:
        return None
    text = to_text(record, encoding)
    level, date = text[2:4], text[23:31]
    if len(date) < 8 or to_integer(level) is None or to_integer(date) is None:
        return None
    return encoding if text[4] in "PTpt" else None
