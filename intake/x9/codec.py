"""X9 files as streams of records: read one at a time, and written back byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from intake.x9.framing import SNIFF_BYTES, Framing, find_terminator, sniff, terminator_at
from intake.x9.layout import BY_LAYOUT
from intake.x9.record import Encoding, Record, decode_record, encode_record, layout_of, measure
from records.errors import UnreadableError

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""No record may be longer (an image view is some 20 kB); what is longer is not X9."""

_FALLBACK_BYTES = 80
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class X9File:
    """A whole file in memory: how its records lie, and the records in order."""

    framing: Framing
    records: tuple[Record, ...]


class _Source:
    """A stream that can be looked ahead into; holds no more than one record."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self.offset = 0

    def peek(self, count: int) -> bytes:
        while len(self._buffer) < count:
            chunk = self._stream.read(max(min(count - len(self._buffer), 1 << 20), _CHUNK_BYTES))
            if not chunk:
                break
            self._buffer += chunk
        return bytes(memoryview(self._buffer)[:count])

    def take(self, count: int) -> bytes:
        piece = self.peek(count)
        del self._buffer[: len(piece)]
        self.offset += len(piece)
        return piece


def read_records(
    stream: BinaryIO,
    framing: Framing | None = None,
    *,
    max_record_bytes: int = MAX_RECORD_BYTES,
) -> Iterator[Record]:
    """The records of an X9 stream one after another, in bounded memory.

    ``framing`` as ``sniff`` gives it; None sniffs here. Nothing is dropped: unknown types keep
    their bytes, and what follows the last whole record comes as a record with an empty type and
    the fault ``trailing_bytes`` or ``truncated_record``. Raises ``UnreadableError``:
    ``unsupported_file`` (not X9), ``corrupt_file`` (a record longer than ``max_record_bytes``).
    """
    source = _Source(stream)
    framing = framing or sniff(source.peek(SNIFF_BYTES))
    if framing is None:
        raise UnreadableError(
            "unsupported_file",
            "This is not an X9 image cash letter: it does not begin with a file header record.",
            "Send an X9.37 or X9.100-187 file.",
        )
    source.take(len(framing.prelude))
    number = 0
    while source.peek(1):
        number += 1
        if framing.kind in ("len4", "len4_little_endian"):
            yield _read_prefixed(source, framing, number, max_record_bytes)
        else:
            yield _read_unprefixed(source, framing, number, max_record_bytes)


def _too_long(offset: int) -> UnreadableError:
    return UnreadableError(
        "corrupt_file",
        f"The X9 record at byte {offset} claims to be longer than any record can be.",
        "Ask the sender for the file again.",
    )


def _read_prefixed(source: _Source, framing: Framing, number: int, limit: int) -> Record:
    start = source.offset
    prefix = source.peek(4)
    length = int.from_bytes(prefix, "big" if framing.kind == "len4" else "little")
    if len(prefix) < 4 or length == 0:
        return _rest_of_file(source, number, limit, "trailing_bytes")
    if length > limit:
        raise _too_long(start)
    if len(source.peek(4 + length)) < 4 + length:
        return _rest_of_file(source, number, limit + 4, "truncated_record")
    source.take(4)
    return decode_record(source.take(length), framing.encoding, offset=start + 4, number=number)


def _rest_of_file(source: _Source, number: int, limit: int, fault: str) -> Record:
    start = source.offset
    raw = source.take(limit)
    if source.peek(1):
        raise _too_long(start)
    return Record("", {}, raw, start, number, faults=(fault,), framed=False)


def _read_unprefixed(source: _Source, framing: Framing, number: int, limit: int) -> Record:
    encoding, start = framing.encoding, source.offset
    lines = framing.kind == "newline"
    layout, _ = layout_of(source.peek(28), encoding)
    spec = BY_LAYOUT.get(layout)
    if spec is not None and spec.variable and (spec.binary or not lines):
        length = measure(spec, source.peek, encoding) or _FALLBACK_BYTES
        if length > limit:
            raise _too_long(start)
    elif lines:
        length = _line_length(source, encoding, limit)
    else:
        length = spec.length if spec else _FALLBACK_BYTES
    raw = source.take(length)
    terminator = terminator_at(source.peek(2), encoding) if lines else b""
    source.take(len(terminator))
    return decode_record(raw, encoding, offset=start, number=number, terminator=terminator)


def _line_length(source: _Source, encoding: Encoding, limit: int) -> int:
    """Bytes up to the next line end. Text records hold none, so this cannot cut one short."""
    window = 256
    while True:
        piece = source.peek(window)
        at, terminator = find_terminator(piece, encoding)
        if terminator or len(piece) < window:
            return at
        if window > limit:
            raise _too_long(source.offset)
        window *= 4


def write_records(records: Iterable[Record], out: BinaryIO, framing: Framing) -> int:
    """Encodes each record from its fields into ``out``; returns the bytes written.

    Read and written with the same framing, a file comes out byte for byte. With another
    encoding the text is translated and images are not.
    """
    written = out.write(framing.prelude) if framing.prelude else 0
    for record in records:
        written += out.write(frame_record(record, framing))
    return written


def frame_record(record: Record, framing: Framing) -> bytes:
    """One record's bytes as they lie in the file: prefix or line end included."""
    if not record.framed:
        return record.raw
    body = encode_record(record, framing.encoding)
    if framing.kind == "len4":
        return len(body).to_bytes(4, "big") + body
    if framing.kind == "len4_little_endian":
        return len(body).to_bytes(4, "little") + body
    if framing.kind == "newline":
        return body + (framing.terminator if record.terminator is None else record.terminator)
    return body


def read_file(data: bytes) -> X9File:
    """All records of a file in memory; raises as ``read_records`` does."""
    framing = sniff(data[:SNIFF_BYTES])
    records = tuple(read_records(io.BytesIO(data), framing))
    return X9File(framing or Framing(), records)


def encode_file(file: X9File) -> bytes:
    """The bytes of a file; ``encode_file(read_file(data)) == data``."""
    out = io.BytesIO()
    write_records(file.records, out, file.framing)
    return out.getvalue()


def copy(source: BinaryIO, out: BinaryIO) -> Framing:
    """Decodes a seekable X9 stream and encodes it again, record by record, byte for byte."""
    head = source.read(SNIFF_BYTES)
    source.seek(-len(head), io.SEEK_CUR)
    framing = sniff(head)
    write_records(read_records(source, framing), out, framing or Framing())
    return framing or Framing()
