"""The TIFF header rules of check images (X9.100-181), without decoding a pixel."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_WIDTH, _ROWS, _COMPRESSION, _PHOTOMETRIC, _FILL = 256, 257, 259, 262, 266
_OFFSETS, _ORIENTATION, _ROWS_PER_STRIP, _COUNTS = 273, 274, 278, 279
_X_RESOLUTION, _Y_RESOLUTION, _UNIT = 282, 283, 296
_BITS, _SAMPLES = 258, 277
_FORBIDDEN = (254, 255, 297)
_DPI = (200, 240)
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_KINDS = {
    **dict.fromkeys((_WIDTH, _ROWS, _OFFSETS, _ROWS_PER_STRIP, _COUNTS), (_SHORT, _LONG)),
    **dict.fromkeys((_BITS, _COMPRESSION, _PHOTOMETRIC, _FILL, _ORIENTATION, _SAMPLES, _UNIT),
                    (_SHORT, _LONG)),
    _X_RESOLUTION: (_RATIONAL,), _Y_RESOLUTION: (_RATIONAL,),
}  # fmt: skip
_KNOWN = range(254, 533)
"""TIFF 6.0's own tags; from 32768 on they are private."""


def tiff_findings(image: bytes) -> list[tuple[str, str]]:
    """``(code, message)`` of what breaks the header rules; empty for a sound header.

    Little-endian, one directory with ascending tags, Group 4, white is zero, one strip that
    lies inside the file, and 200 or 240 dots per inch.
    """
    directory = _directory(image)
    if isinstance(directory, tuple):
        return [directory]
    return directory.findings + _rules(image, directory.tags)


def placed_strip(image: bytes) -> tuple[bytes, int, int, int | None] | None:
    """The image's only strip, its width and height in pixels, its dots per inch; None without."""
    directory = _directory(image)
    if isinstance(directory, tuple) or not {_WIDTH, _ROWS, _OFFSETS, _COUNTS} <= (
        directory.tags.keys()
    ):
        return None
    tags = directory.tags
    start, size = tags[_OFFSETS][2], tags[_COUNTS][2]
    dpi = _rational(image, tags[_X_RESOLUTION][2]) if _X_RESOLUTION in tags else None
    return image[start : start + size], tags[_WIDTH][2], tags[_ROWS][2], dpi


@dataclass(frozen=True, slots=True)
class _Directory:
    """The first directory's tags as ``(kind, count, value or place)``, and what is wrong there."""

    tags: dict[int, tuple[int, int, int]]
    findings: list[tuple[str, str]]


def _directory(image: bytes) -> _Directory | tuple[str, str]:
    if image[:2] == b"MM":
        return "tiff_byte_order", "The image is big-endian; check images are little-endian."
    if image[:4] != b"II*\0" or len(image) < 8:
        return "image_not_tiff", "The image is not a TIFF."
    (start,) = struct.unpack_from("<I", image, 4)
    if not 8 <= start <= len(image) - 2:
        return "tiff_broken", "The image's directory lies outside it."
    (count,) = struct.unpack_from("<H", image, start)
    end = start + 2 + 12 * count
    if not count or end > len(image):
        return "tiff_broken", "The image's directory is cut off."
    findings: list[tuple[str, str]] = []
    tags: dict[int, tuple[int, int, int]] = {}
    order: list[int] = []
    for place in range(start + 2, end, 12):
        tag, kind, number, value = struct.unpack_from("<HHII", image, place)
        size = _TYPE_BYTES.get(kind, 0) * number
        order.append(tag)
        if size > 4 and value + size > len(image):
            findings.append(("tiff_pointer", f"Tag {tag} points outside the image."))
            continue
        if tag in _KINDS and (kind not in _KINDS[tag] or number != 1):
            findings.append(("tiff_tag_type", f"Tag {tag} holds {number} values of type {kind}."))
            if tag not in (_OFFSETS, _COUNTS):
                continue
        if kind == _SHORT and size <= 4:
            value &= 0xFFFF
        tags[tag] = (kind, number, value)
    if order != sorted(set(order)):
        findings.append(("tiff_tag_order", "The image's tags are not ascending, each once."))
    if image[end : end + 4] not in (b"\0\0\0\0", b""):
        findings.append(("tiff_pages", "The image file holds more than one image."))
    return _Directory(tags, findings)


def _rules(image: bytes, tags: dict[int, tuple[int, int, int]]) -> list[tuple[str, str]]:
    findings: list[tuple[str, str]] = []

    def want(tag: int, values: tuple[int, ...], code: str, what: str, *, needed: bool) -> None:
        found = tags.get(tag)
        if found is None:
            if needed:
                findings.append((code, f"The image does not say its {what} (tag {tag})."))
        elif found[2] not in values:
            findings.append((code, f"The image's {what} is {found[2]} (tag {tag})."))

    want(_COMPRESSION, (4,), "tiff_compression", "compression, which is Group 4", needed=True)
    want(_PHOTOMETRIC, (0,), "tiff_photometric", "colour order, where white is 0", needed=True)
    want(_FILL, (1,), "tiff_fill_order", "bit order, which is 1", needed=False)
    want(_ORIENTATION, (1,), "tiff_orientation", "orientation, which is 1", needed=False)
    want(_BITS, (1,), "tiff_bits", "depth, which is one bit", needed=False)
    want(_SAMPLES, (1,), "tiff_bits", "number of samples, which is 1", needed=False)
    want(_UNIT, (2,), "tiff_resolution_unit", "unit of resolution, the inch", needed=False)
    findings += [
        ("tiff_missing_tag", f"The image lacks tag {tag}.")
        for tag in (_WIDTH, _ROWS, _OFFSETS, _COUNTS, _X_RESOLUTION, _Y_RESOLUTION)
        if tag not in tags
    ]
    findings += _strip(image, tags)
    for tag in (_X_RESOLUTION, _Y_RESOLUTION):
        if tag in tags and (dpi := _rational(image, tags[tag][2])) not in _DPI:
            findings.append(("tiff_resolution", f"The image has {dpi} dots per inch."))
    findings += [
        ("tiff_tag_forbidden", f"The image holds tag {tag}, which check images do not.")
        for tag in _FORBIDDEN
        if tag in tags and (tag != 254 or tags[tag][2])
    ]
    findings += [
        ("tiff_tag_unknown", f"The image holds tag {tag}, which TIFF 6.0 does not know.")
        for tag in tags
        if tag not in _KNOWN and tag < 32768
    ]
    return findings


def _strip(image: bytes, tags: dict[int, tuple[int, int, int]]) -> list[tuple[str, str]]:
    offsets, counts, rows = tags.get(_OFFSETS), tags.get(_COUNTS), tags.get(_ROWS)
    if offsets is None or counts is None or rows is None:
        return []
    if offsets[1] != 1 or counts[1] != 1:
        return [("tiff_strips", "The image lies in more than one strip.")]
    findings = []
    per_strip = tags.get(_ROWS_PER_STRIP)
    if per_strip is not None and per_strip[2] < rows[2]:
        findings.append(("tiff_strips", "The image's strip is shorter than the image."))
    if not counts[2] or offsets[2] + counts[2] > len(image):
        findings.append(("tiff_pointer", "The image's strip lies outside it."))
    return findings


def _rational(image: bytes, at: int) -> int | None:
    if at + 8 > len(image):
        return None
    top, bottom = struct.unpack_from("<II", image, at)
    return int(top // bottom) if bottom and top % bottom == 0 else None
