"""Check images as X9.100-181 wants them: one page, one strip of Group 4, little-endian, white 0.

Pillow's own files break three of those rules (photometric 1, several strips, tags that are not
allowed), so only its Group 4 stream is used, and the header is written here.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deposits.icl.t6 import why_not_whole

Bits = NDArray[np.bool_]
"""A two-valued picture, height x width; True is ink."""

_SHORT, _LONG, _RATIONAL = 3, 4, 5
_TAGS = 12
_STRIP_AT = 8 + 2 + 12 * _TAGS + 4 + 8
MOST_PIXELS = 40_000_000


def to_tiff(ink: Bits, dpi: int) -> bytes:
    """A complete image file; ``dpi`` is 200 or 240 both ways."""
    return with_header(to_strip(ink), ink.shape[1], ink.shape[0], dpi)


def with_header(strip: bytes, width: int, height: int, dpi: int) -> bytes:
    """A Group 4 stream as a file: tags ascending, each once, the resolution once for both."""
    values = (
        (256, _LONG, width), (257, _LONG, height), (258, _SHORT, 1), (259, _SHORT, 4),
        (262, _SHORT, 0), (266, _SHORT, 1), (273, _LONG, _STRIP_AT), (274, _SHORT, 1),
        (278, _LONG, height), (279, _LONG, len(strip)), (282, _RATIONAL, _STRIP_AT - 8),
        (283, _RATIONAL, _STRIP_AT - 8),
    )  # fmt: skip
    head = struct.pack("<2sHIH", b"II", 42, 8, len(values))
    tags = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in values)
    return head + tags + struct.pack("<III", 0, dpi, 1) + strip


def to_strip(ink: Bits) -> bytes:
    """The Group 4 stream of a picture, end-of-block included."""
    out = io.BytesIO()
    height, width = ink.shape
    # Bits as Pillow keeps them, one for ink: libtiff codes 0 as white whatever the header says.
    packed = np.packbits(ink, axis=1).tobytes()
    picture = Image.frombytes("1", (width, height), packed)
    picture.save(out, "TIFF", compression="group4", tiffinfo={278: height, 262: 1})
    written = out.getvalue()
    with Image.open(io.BytesIO(written)) as image:
        tags = image.tag_v2  # type: ignore[attr-defined]  # TIFF images alone have it
        (start,), (count,) = tags[273], tags[279]
    return written[start : start + count]


def to_ink(strip: bytes, width: int, height: int) -> Bits:
    """The picture of a Group 4 stream; what the stream lacks is white.

    Raises ``OSError`` or ``ValueError`` where the decoder gives up. Bytes from outside are
    decoded in a process that may die of them (``deposits.icl.pictures``).
    """
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError("no size of a check")
    with Image.open(io.BytesIO(with_header(strip, width, height, 200))) as image:
        image.load()
        return ~np.asarray(image, dtype=bool)


def why_not_exact(strip: bytes, ink: Bits) -> str | None:
    """Why the stream does not hold exactly this picture's rows; None: it does.

    Group 4 leaves an encoder no choice, so a stream that coding the picture gives again is whole;
    where the bytes differ, each code word is asked.
    """
    if to_strip(ink).rstrip(b"\0") == strip.rstrip(b"\0"):
        return None
    height, width = ink.shape
    return why_not_whole(strip, width, height)
