"""Whether Group 3 and Group 4 data is whole: the decoder itself fills what is missing with white.

libtiff takes a fax strip that ends early, or holds a stretch of zeros, for a page that is white
from there on, and says nothing. A page that lost its lower half that way would be read as a good
one, so two questions are put to the decoder for each strip. Does more data change the picture?
Then it wanted more than there was. Does other data at the end not change it? Then it stopped
before the end.
"""

from __future__ import annotations

import io
import os
import struct
from typing import Any

from PIL import Image

from intake.headers import corrupt, truncated

_GROUP_4 = 4
_FAX = {"group3": 3, "tiff_ccitt": 2, "group4": _GROUP_4}
_COPIED_TAGS = {266: "H", 292: "I", 293: "I"}
_EOFB = 0x001001
"""End of facsimile block: two EOL codes (ITU-T T.6, 2.4.1.1)."""
_PROBE_BYTES = 12
_PADDING_BYTES = 4
_TAIL_BYTES = 64
# Horizontal mode and long runs in all alignments: wherever decoding goes on, black comes out.
_PROBE = bytes.fromhex("26a8d50e8b3c54a9") * 8
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


class ErrorLines:
    """What C libraries write to standard error, since libtiff reports bad fax codes only there."""

    def __init__(self) -> None:
        self._read = -1

    def catch(self) -> None:
        """Turns the process's standard error into a pipe that is read here, never waited for."""
        self._read, write = os.pipe2(os.O_NONBLOCK)
        os.dup2(write, 2)
        os.close(write)

    def take(self) -> bytes:
        """What was written since the last call (up to 64 KiB); nothing when not caught."""
        try:
            return os.read(self._read, 1 << 16) if self._read >= 0 else b""
        except BlockingIOError:
            return b""


ERROR_LINES = ErrorLines()
"""The one standard error that a process has."""


def check_strips(image: Image.Image) -> None:
    """Raises ``truncated_file`` or ``corrupt_file`` when a fax frame of a TIFF is not whole.

    ``image`` is a TIFF at a frame that was loaded; frames of other compressions pass.
    """
    compression = _FAX.get(str(image.info.get("compression")))
    tags: Any = getattr(image, "tag_v2", None)
    if compression is None or tags is None or 273 not in tags:
        return
    width, height = int(tags[256]), int(tags[257])
    rows = min(int(tags.get(278, height)), height) or height
    source: Any = getattr(image, "_fp", None) or getattr(image, "fp", None)
    for number, (offset, count) in enumerate(zip(tags[273], tags[279], strict=False)):
        source.seek(offset)
        data = source.read(count)
        strip = _Strip(data, width, min(rows, height - number * rows), compression, tags)
        strip.check()


class _Strip:
    """One strip as a small TIFF of its own, to be decoded with changed data."""

    def __init__(self, data: bytes, width: int, rows: int, compression: int, tags: Any) -> None:
        self._data = data
        self._end = len(data.rstrip(b"\0"))
        self._size = (width, rows)
        extra = {tag: int(tags[tag]) for tag in _COPIED_TAGS if tag in tags}
        self._compression, self._extra = compression, extra

    def check(self) -> None:
        """Raises ``truncated_file`` or ``corrupt_file`` when the strip is not whole."""
        pixels = self._pixels(self._data)
        end = self._place_of_eofb()
        if end is None:
            # A few zero bytes at the end are padding, many are a hole that decoding stops at.
            hole = len(self._data) - self._end > _PADDING_BYTES
            data = self._data[: self._end] if hole else self._data
            # Group 3 needs lines that are in step: its own first lines, once more.
            probe = _PROBE if self._compression == _GROUP_4 else data
            if self._pixels(data + probe) != pixels:
                raise truncated()
            end = self._end
        # Group 3 may end in six line marks, whose change shows nothing; and a few bytes are too
        # little to ask.
        if self._compression != _GROUP_4 or end < 2 * _PROBE_BYTES:
            return
        start = end - _PROBE_BYTES
        probes = (_PROBE[:_PROBE_BYTES], bytes(255 - value for value in _PROBE[:_PROBE_BYTES]))
        if all(
            self._pixels(self._data[:start] + probe + self._data[end:]) == pixels
            for probe in probes
        ):
            raise corrupt("A page of the TIFF is damaged.")

    def _place_of_eofb(self) -> int | None:
        """The byte in which the end of block begins, near the end of the strip."""
        if self._compression != _GROUP_4:
            return None
        tail = self._data[: self._end][-_TAIL_BYTES:]
        if self._extra.get(266) == 2:
            tail = tail.translate(_REVERSED)
        bits = int.from_bytes(tail, "big")
        for shift in range(max(len(tail) * 8 - 23, 0)):
            if bits >> shift & 0xFFFFFF == _EOFB:
                return self._end - (shift + 24 + 7) // 8
        return None

    def _pixels(self, data: bytes) -> bytes:
        width, rows = self._size
        tags: dict[int, tuple[str, int]] = {
            256: ("I", width),
            257: ("I", rows),
            258: ("H", 1),
            259: ("H", self._compression),
            262: ("H", 0),
            273: ("I", 8),
            277: ("H", 1),
            278: ("I", rows),
            279: ("I", len(data)),
        }
        tags |= {tag: (_COPIED_TAGS[tag], value) for tag, value in self._extra.items()}
        padded = data + b"\0" * (len(data) % 2)
        directory = struct.pack("<H", len(tags))
        for tag in sorted(tags):
            letter, value = tags[tag]
            kind = 3 if letter == "H" else 4
            directory += struct.pack("<HHI", tag, kind, 1) + struct.pack(f"<{letter}", value).ljust(
                4, b"\0"
            )
        head = b"II*\0" + struct.pack("<I", 8 + len(padded))
        file = io.BytesIO(head + padded + directory + struct.pack("<I", 0))
        try:
            return Image.open(file, formats=("TIFF",)).tobytes()
        except OSError:
            return b""
