"""What image files declare in their headers, checked before any pixel is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from intake.limits import Limits
from intake.sniff import Kind
from records.errors import UnreadableError

_TIFF_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 16: 8, 17: 8}
# The walk is done in the service itself, so every loop over foreign bytes has an end.
_STRIP_LIMIT = 200_000
_STRIPS_IN_FILE_LIMIT = 2_000_000
_JPEG_STEP_LIMIT = 20_000
_SOF_MARKERS = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), 0xCD, 0xCE))
_HEIC_META_BYTES = 2 * 1024 * 1024
_BAD = "Scan or export it again, or ask the sender for it again."


def check_headers(data: bytes, kind: Kind, limits: Limits) -> None:
    """Refuses a file by what it declares: bytes, pages, pixels, and data beyond its end.

    Raises ``UnreadableError`` with ``too_large``, ``era_too_large``, ``too_many_pages``,
    ``too_many_pixels``, ``truncated_file`` or ``corrupt_file``.
    """
    if len(data) > limits.max_file_bytes:
        raise UnreadableError(
            "too_large",
            f"The file is larger than {limits.max_file_bytes // 2**20} MiB.",
            "Scan it in smaller batches.",
        )
    if kind == "tiff":
        tiff_frames(data, limits)
    elif kind == "png":
        _check_pixels(*png_size(data), limits)
        if b"IEND" not in data[-1_000_000:]:
            raise truncated()
    elif kind == "jpeg":
        _check_pixels(*jpeg_size(data), limits)
    elif kind == "heic":
        for width, height in _heic_sizes(data):
            _check_pixels(width, height, limits)
    elif kind == "pdf":
        _check_pdf_end(data)
    elif kind == "x12_835":
        check_era_size(len(data), limits.max_era_bytes)
        _check_835_end(data)


def check_era_size(size_bytes: int, most_bytes: int) -> None:
    """UnreadableError ``era_too_large`` for an 835 that would take too much memory to read."""
    if size_bytes > most_bytes:
        raise UnreadableError(
            "era_too_large",
            f"The 835 has {size_bytes:,} bytes; up to {most_bytes:,} are read.",
            "Ask the payer for smaller files, or raise LOCKBOX_ERA_BYTES where there is memory "
            "for 35 times the size.",
        )


def truncated() -> UnreadableError:
    """The error for a file whose end is missing."""
    return UnreadableError("truncated_file", "The end of the file is missing.", _BAD)


def corrupt(what: str = "The file is damaged.") -> UnreadableError:
    """The error for a file whose structure makes no sense."""
    return UnreadableError("corrupt_file", what, _BAD)


def no_page() -> UnreadableError:
    """The error for a picture a few pixels wide or high."""
    return UnreadableError(
        "not_a_page",
        "The picture is a strip of a few pixels and shows no page.",
        "Scan or photograph the whole page again.",
    )


def too_many_pixels(limits: Limits) -> UnreadableError:
    """The error for a page that is larger than any paper in the mail."""
    return UnreadableError(
        "too_many_pixels",
        f"A page claims more than {limits.max_page_pixels // 1_000_000} million pixels.",
        "Scan it at 200 to 300 dpi.",
    )


def too_many_pages(limits: Limits) -> UnreadableError:
    """The error for a file with more pages than one batch may hold."""
    return UnreadableError(
        "too_many_pages",
        f"The file has more than {limits.max_pages} pages.",
        "Scan it in smaller batches.",
    )


def _check_pixels(width: int, height: int, limits: Limits) -> None:
    if width < 1 or height < 1:
        raise corrupt("A page claims to have no width or no height.")
    if width * height > limits.max_page_pixels:
        raise too_many_pixels(limits)


@dataclass(frozen=True, slots=True)
class TiffFrame:
    """One image of a TIFF as its directory declares it."""

    width: int
    height: int


def tiff_frames(data: bytes, limits: Limits) -> tuple[TiffFrame, ...]:
    """The frames of a TIFF or BigTIFF by walking its directories; touches no pixel.

    A strip or directory that lies beyond the end of the file means that its end is missing, and
    with it perhaps pages: the whole file is refused (``truncated_file``), never half of it taken.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    frames: list[TiffFrame] = []
    seen: set[int] = set()
    strips = 0
    (at,) = _unpack(order + ("Q" if big else "I"), data, 8 if big else 4)
    while at:
        if at in seen:
            raise corrupt("The TIFF's pages run in a circle.")
        if len(frames) >= limits.max_pages:
            raise too_many_pages(limits)
        seen.add(at)
        tags, at = _directory(data, at, order, big=big)
        strips += sum(map(len, tags.values()))
        if strips > _STRIPS_IN_FILE_LIMIT:
            raise corrupt("The TIFF is cut into more strips than a scanner makes.")
        frames.append(_frame(data, tags, limits))
    if not frames:
        raise corrupt("The TIFF has no page.")
    return tuple(frames)


def _unpack(form: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except (struct.error, OverflowError):
        raise truncated() from None


def _directory(data: bytes, at: int, order: str, *, big: bool) -> tuple[dict[int, list[int]], int]:
    """The integer tags that matter here, and the place of the next directory."""
    (count,) = _unpack(order + ("Q" if big else "H"), data, at)
    at += 8 if big else 2
    entry = 20 if big else 12
    if count > 4096 or at + count * entry > len(data):
        raise truncated() if count <= 4096 else corrupt()
    tags: dict[int, list[int]] = {}
    for place in range(at, at + count * entry, entry):
        tag, kind, number = _unpack(order + ("HHQ" if big else "HHI"), data, place)
        if tag not in (256, 257, 273, 279, 324, 325):
            continue
        size = _TIFF_TYPE_BYTES.get(kind, 0) * number
        value_at = place + (12 if big else 8)
        if size > (8 if big else 4):
            (value_at,) = _unpack(order + ("Q" if big else "I"), data, value_at)
        if kind not in (3, 4, 16) or not 0 < number <= _STRIP_LIMIT:
            raise corrupt("A TIFF tag holds what it cannot hold.")
        letter = {3: "H", 4: "I", 16: "Q"}[kind]
        tags[tag] = list(_unpack(f"{order}{number}{letter}", data, value_at))
    (following,) = _unpack(order + ("Q" if big else "I"), data, at + count * entry)
    return tags, following


def _frame(data: bytes, tags: dict[int, list[int]], limits: Limits) -> TiffFrame:
    if 256 not in tags or 257 not in tags:
        raise corrupt("A page of the TIFF does not say how large it is.")
    frame = TiffFrame(tags[256][0], tags[257][0])
    # Size first: a page that claims too much is told so, whether its strips are there or not.
    _check_pixels(frame.width, frame.height, limits)
    for offsets, counts in ((273, 279), (324, 325)):
        pairs = zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)
        if any(offset + count > len(data) for offset, count in pairs):
            raise truncated()
    return frame


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height that a PNG declares (ISO/IEC 15948, 11.2.2)."""
    if data[12:16] != b"IHDR":
        raise corrupt()
    width, height = _unpack(">II", data, 16)
    return width, height


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height that a JPEG's frame header declares (ITU-T T.81, B.2.2)."""
    at = 2
    for _ in range(_JPEG_STEP_LIMIT):
        if data[at : at + 2] == b"\xff\xff":
            at += 1
            continue
        marker, length = _unpack(">HH", data, at)
        if marker >> 8 != 0xFF or length < 2:
            raise corrupt()
        if marker & 0xFF in _SOF_MARKERS:
            height, width = _unpack(">HH", data, at + 5)
            return width, height
        if marker == 0xFFDA:
            break
        at += 2 + length
    raise corrupt()


def _heic_sizes(data: bytes) -> list[tuple[int, int]]:
    """Every ``ispe`` (image spatial extents, ISO/IEC 23008-12, 6.5.3) in the file's head."""
    sizes = []
    at = data.find(b"ispe", 0, _HEIC_META_BYTES)
    while at >= 0:
        if at + 16 <= len(data):
            width, height = struct.unpack_from(">II", data, at + 8)
            sizes.append((width, height))
        at = data.find(b"ispe", at + 4, _HEIC_META_BYTES)
    if not sizes:
        raise truncated() if len(data) < 4096 else corrupt()
    return sizes


def _check_pdf_end(data: bytes) -> None:
    """A PDF ends with ``%%EOF`` (ISO 32000-1, 7.5.5); one that does not may miss pages."""
    tail = data[-65_536:].rstrip(b"\0 \r\n\t\x1a")[-2048:]
    if b"%%EOF" not in tail:
        raise truncated()


def _check_835_end(data: bytes) -> None:
    """An interchange ends with an IEA segment (X12.5); one that does not may miss claims."""
    if b"IEA" not in data[-512:]:
        raise truncated()
