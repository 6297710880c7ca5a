"""What kind of file received bytes are, by their first and last bytes; a name is never trusted."""

from __future__ import annotations

import re
from typing import Literal

from intake.x9.framing import SNIFF_BYTES
from intake.x9.framing import sniff as sniff_x9
from records.errors import UnreadableError

Kind = Literal["pdf", "tiff", "jpeg", "png", "heic", "x12_835", "x9"]

MEDIA_TYPES: dict[Kind, str] = {
    "pdf": "application/pdf",
    "tiff": "image/tiff",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "x12_835": "application/edi-x12",
    "x9": "application/vnd.x937",
}

# Large files are looked at in pieces: a copy of one would double the service's memory.
_HEAD_BYTES = 8192
_BLANKS = b"\0 \r\n\t"
_PDF_MARK = b"%PDF-"
_PDF_HEADER_WINDOW = 1024
_TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_ZIP_END = b"PK\x05\x06"
_ZIP_END_WINDOW = 65_557
_HTML = re.compile(rb"<\s*(!doctype\s+html|html|script|svg|iframe)\b", re.IGNORECASE)
# What readers put before a PDF without harm: blanks, a byte order mark, a printer's job language.
_HARMLESS_BEFORE_PDF = re.compile(rb"(\xef\xbb\xbf)?[\s\0]*(\x1b%-12345X[\x20-\x7e\r\n\t]*)?\Z")
# Functional group of remittances (GS01 HP), or a transaction set 835, whose ISA was taken off.
_BARE_835 = re.compile(rb"GS([^\w\r\n ])HP\1|ST([^\w\r\n ])835\2")
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"RIFF", "a WebP picture or another RIFF file"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a rich text document"),
    (b"%!PS", "a PostScript program"),
)
_SEND = "Send a PDF, TIFF, JPEG, PNG, HEIC, X12 835 or X9 file."


def sniff(data: bytes) -> Kind:
    """The kind of file that ``data`` is.

    Raises ``UnreadableError``: ``empty_file``; ``polyglot_file`` when two formats claim the
    bytes; ``unsupported_file`` for everything else that is not taken here.
    """
    if not data[:_HEAD_BYTES].strip(_BLANKS) and not data.strip(_BLANKS):
        raise UnreadableError(
            "empty_file", "The file holds nothing.", "Scan or photograph it again."
        )
    kind = _claimed(data)
    if kind is None:
        raise UnreadableError("unsupported_file", f"The file is {_what(data)}.", _SEND)
    other = _second_claim(data, kind)
    if other:
        raise UnreadableError(
            "polyglot_file",
            f"The file claims to be a {kind.upper()} and {other} at once, which no scanner makes.",
            "Open it, print it to PDF and send that, or ask the sender for a clean copy.",
        )
    return kind


def _claimed(data: bytes) -> Kind | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(_TIFF_MARKS):
        return "tiff"
    if data[4:8] == b"ftyp" and _is_heic(data):
        return "heic"
    if sniff_x9(data[:SNIFF_BYTES]):
        return "x9"
    if _is_835(data):
        return "x12_835"
    return "pdf" if _PDF_MARK in data[:_PDF_HEADER_WINDOW] else None


def _is_heic(data: bytes) -> bool:
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[at : at + 4] for at in (8, *range(16, size, 4))]
    return any(brand in _HEIC_BRANDS for brand in brands)


def _is_835(data: bytes) -> bool:
    """An X12 interchange, or a group or set without one, that begins with an 835 (X12.5, X12.6)."""
    head = data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS)
    if _BARE_835.match(head):
        return True
    if len(head) < 106 or not head.startswith(b"ISA") or head[3:4].isalnum():
        return False
    separator = head[3:4]
    return b"ST" + separator + b"835" + separator in head[100:]


def _what(data: bytes) -> str:
    for mark, name in _REFUSED:
        if data.startswith(mark):
            return name
    if data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"ISA"):
        return "an X12 file, but no 835 remittance"
    if _HTML.search(data[:1024]):
        return "a web page"
    if data[4:8] == b"ftyp":
        return "a video or an AVIF picture"
    return "of no kind that is known here"


def _second_claim(data: bytes, kind: Kind) -> str:
    """The other format that claims these bytes; empty when there is none."""
    body_end = _end_of(data, kind)
    if kind == "pdf":
        before = data[: data.find(_PDF_MARK)]
        if not _HARMLESS_BEFORE_PDF.match(before):
            return "something else before it"
    elif _PDF_MARK in data[:_PDF_HEADER_WINDOW]:
        return "a PDF"
    elif kind != "x9" and _HTML.search(data[:_PDF_HEADER_WINDOW]):
        return "a web page"
    if _ends_as_zip(data):
        return "a ZIP archive"
    tail = data[body_end : body_end + 1_000_000]
    if _HTML.search(tail):
        return "a web page"
    if _PDF_MARK in tail:
        return "a PDF"
    marks = ((b"PK\x03\x04", "a ZIP archive"), (b"Rar!\x1a", "a RAR archive"))
    return next((name for mark, name in marks if mark in tail), "")


def _end_of(data: bytes, kind: Kind) -> int:
    """Where the format itself ends, as far as its last mark tells; else the end of the bytes."""
    mark = {"pdf": b"%%EOF", "png": b"IEND", "jpeg": b"\xff\xd9"}.get(kind)
    at = data.rfind(mark) if mark else -1
    return at + len(mark) if mark and at >= 0 else len(data)


def _ends_as_zip(data: bytes) -> bool:
    """Whether a ZIP reader would take the bytes: an end record whose comment ends the file."""
    start = max(0, len(data) - _ZIP_END_WINDOW)
    at = data.find(_ZIP_END, start)
    while at >= 0:
        comment = int.from_bytes(data[at + 20 : at + 22], "little")
        if at + 22 + comment == len(data):
            return True
        at = data.find(_ZIP_END, at + 1)
    return False
