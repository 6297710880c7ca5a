"""One record of an image cash letter: bytes to named fields and back, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from intake.x9.layout import BY_LAYOUT, F, RecordSpec
from records.errors import WrongUse

Encoding = Literal["ascii", "ebcdic"]

REST = "rest"
"""Name of the untranslated bytes that no field of the layout covers."""

# Both map all 256 bytes one to one, so that text survives the way there and back.
_CODECS: dict[Encoding, str] = {"ascii": "latin-1", "ebcdic": "cp037"}
_RIGHT_JUSTIFIED = ("NBSM", "NBSMOS")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: every field at its full width, so blank and zero stay distinct.

    ``type`` is its two digits (empty for bytes after the last record), ``layout`` the key into
    ``layout.BY_LAYOUT`` (empty when unknown), ``raw`` the record's bytes without prefix and
    terminator, ``offset`` the place of its first byte in the file and ``number`` counts records
    from 1. ``faults`` names what does not fit the layout. ``terminator`` is the line end that
    followed (newline framing only); None lets the writer choose. ``framed`` is False for bytes
    that stand outside the framing and are copied as they are.
    """

    type: str
    fields: dict[str, str | bytes]
    raw: bytes = b""
    offset: int = 0
    number: int = 0
    layout: str = ""
    faults: tuple[str, ...] = ()
    terminator: bytes | None = None
    framed: bool = field(default=True)

    def text(self, name: str) -> str:
        """The field without its padding blanks; empty when blank, absent or binary."""
        value = self.fields.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def integer(self, name: str) -> int | None:
        """The field as a number (amounts: cents); None when blank or not all digits."""
        return to_integer(self.text(name))

    def binary(self, name: str) -> bytes:
        """A binary field; empty when absent."""
        value = self.fields.get(name, b"")
        return value if isinstance(value, bytes) else b""


def to_integer(text: str) -> int | None:
    """Digits of ASCII as a number, else None (``str.isdigit`` alone takes superscripts)."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else None


def to_text(raw: bytes, encoding: Encoding) -> str:
    """Bytes as text, one character a byte."""
    return raw.decode(_CODECS[encoding])


def to_bytes(text: str, encoding: Encoding) -> bytes:
    """Text as bytes; raises ``WrongUse`` for a character that the encoding has not."""
    try:
        return text.encode(_CODECS[encoding])
    except UnicodeEncodeError:
        raise WrongUse(
            "x9_character",
            "A value holds a character that an X9 file cannot hold.",
            "Use plain letters, digits and punctuation.",
        ) from None


def layout_of(raw: bytes, encoding: Encoding) -> tuple[str, tuple[str, ...]]:
    """The layout key of a record and its faults; an empty key for an unknown type.

    A 61 has two layouts in the field: A when positions 19-27 are nine digits; B when position 3
    is 1 or 2, positions 20-28 are nine digits and 19-27 are not. When both fit, A is returned
    with the fault ``ambiguous_credit``; ``items.settle_credits`` decides it by the sums.
    """
    head = to_text(raw[:28], encoding)
    if head[:2] != "61":
        return (head[:2], ()) if head[:2] in BY_LAYOUT else ("", ("unknown_type",))
    fits_a = to_integer(head[18:27]) is not None and len(head[18:27].strip()) == 9
    fits_b = head[2:3] in ("1", "2") and len(head[19:28].strip()) == 9
    fits_b = fits_b and to_integer(head[19:28]) is not None
    if fits_b and not fits_a:
        return "61B", ()
    return "61A", ("ambiguous_credit",) if fits_a and fits_b else ()


def decode_record(
    raw: bytes,
    encoding: Encoding,
    *,
    offset: int = 0,
    number: int = 0,
    terminator: bytes | None = None,
    layout: str = "",
) -> Record:
    """Cuts ``raw`` (no prefix, no terminator) into fields; never raises.

    A record shorter than its layout keeps the fields that are there; bytes beyond the layout
    are kept under ``rest``; both leave a fault. ``layout`` forces one of two credit layouts.
    """
    faults: tuple[str, ...] = ()
    if not layout:
        layout, faults = layout_of(raw, encoding)
    spec = BY_LAYOUT.get(layout)
    fields: dict[str, str | bytes]
    if spec is None:
        fields = {"record_type": to_text(raw[:2], encoding), REST: raw[2:]}
    elif spec.variable:
        fields, more = _cut_variable(raw, spec, encoding)
        faults += more
    else:
        text = to_text(raw[: spec.length], encoding)
        fields = {name: text[start:end] for name, start, end in spec.slices}
        if len(raw) < spec.length:
            faults += ("short_record",)
        elif len(raw) > spec.length:
            fields[REST] = raw[spec.length :]
            faults += ("long_record",)
    kind = to_text(raw[:2], encoding)
    return Record(kind, fields, raw, offset, number, layout, faults, terminator)


def _cut_variable(
    raw: bytes, spec: RecordSpec, encoding: Encoding
) -> tuple[dict[str, str | bytes], tuple[str, ...]]:
    fields: dict[str, str | bytes] = {}
    faults: tuple[str, ...] = ()
    at = 0
    for f in spec.fields:
        length = f.length if isinstance(f.length, int) else _count(fields, f.length)
        if length is None:
            faults += ("bad_length_field",)
            break
        piece = raw[at : at + length]
        fields[f.name] = piece if f.type == "BIN" else to_text(piece, encoding)
        at += len(piece)
        if len(piece) < length:
            faults += ("short_record",)
            break
    if at < len(raw):
        fields[REST] = raw[at:]
        if not faults:
            faults = ("long_record",)
    return fields, faults


def _count(fields: Mapping[str, str | bytes], name: str) -> int | None:
    """What a length field says: blank is 0, anything but digits is None."""
    value = fields.get(name, "")
    assert isinstance(value, str)  # noqa: S101 - narrows; length fields are never binary
    return 0 if not value.strip(" \0") else to_integer(value)


def measure(spec: RecordSpec, peek: Callable[[int], bytes], encoding: Encoding) -> int | None:
    """Length in bytes by the record's own length fields, for framings that do not say.

    ``peek(n)`` shows the next ``n`` bytes without taking them. None: a length field is no number.
    """
    if not spec.variable:
        return spec.length
    fields: dict[str, str | bytes] = {}
    at = 0
    for f in spec.fields:
        if isinstance(f.length, str):
            count = _count(fields, f.length)
            if count is None:
                return None
            at += count
            continue
        if f.name.startswith("len_"):
            fields[f.name] = to_text(peek(at + f.length)[at:], encoding)
        at += f.length
    return at


def encode_record(record: Record, encoding: Encoding) -> bytes:
    """The record's bytes from its fields, without prefix and terminator.

    ``rest`` goes out as it came in, untranslated. Fields that the layout does not name raise
    ``WrongUse``, since they would be lost.
    """
    spec = BY_LAYOUT.get(record.layout)
    names = tuple(f.name for f in spec.fields) if spec else ("record_type",)
    unknown = record.fields.keys() - {*names, REST}
    if unknown:
        raise WrongUse("x9_unknown_field", f"Record {record.type} has no field {min(unknown)}.")
    parts: list[bytes] = []
    text: list[
        str
    ] = []  # a record's text is translated at once: field by field takes twice as long
    for name in (*names, REST):
        value = record.fields.get(name, b"")
        if isinstance(value, str):
            text.append(value)
        elif value:
            parts += (to_bytes("".join(text), encoding), value)
            text = []
    parts.append(to_bytes("".join(text), encoding))
    return b"".join(parts)


def build_record(layout: str, values: Mapping[str, str | int | bytes | None]) -> Record:
    """A new record of ``layout`` (``25``, ``61A``, ...) from values, padded by field type.

    Numbers are zero-filled, text is blank-filled on the side that its type asks for, missing and
    None are blank, and length fields are counted from what they measure. Raises ``WrongUse`` for
    an unknown layout or field and for a value that is too long.
    """
    spec = BY_LAYOUT.get(layout)
    if spec is None:
        raise WrongUse("x9_unknown_record", f"There is no X9 record layout {layout!r}.")
    unknown = values.keys() - {f.name for f in spec.fields}
    if unknown:
        raise WrongUse("x9_unknown_field", f"Record {layout} has no field {min(unknown)}.")
    counted = {
        f.length: len(value)
        for f in spec.fields
        if isinstance(f.length, str) and isinstance(value := values.get(f.name) or "", str | bytes)
    }
    fields: dict[str, str | bytes] = {}
    for f in spec.fields:
        given = counted.get(f.name, values.get(f.name))
        fields[f.name] = spec.type if f.name == "record_type" else _pad(f, given, spec)
    return Record(spec.type, fields, layout=layout)


def _pad(f: F, value: str | int | bytes | None, spec: RecordSpec) -> str | bytes:
    if f.type == "BIN":
        return value if isinstance(value, bytes) else b""
    if isinstance(value, bytes):
        raise WrongUse("x9_not_text", f"Field {f.name} of record {spec.layout} holds text.")
    text = "" if value is None else str(value)
    if isinstance(f.length, str):
        return text
    if len(text) > f.length or (isinstance(value, int) and value < 0):
        raise WrongUse(
            "x9_value_too_long",
            f"Field {f.name} of record {spec.layout} holds {f.length} characters, no more.",
        )
    if isinstance(value, int) or (f.type in ("N", "NS") and text):
        return text.rjust(f.length, "0")
    return text.rjust(f.length) if f.type in _RIGHT_JUSTIFIED else text.ljust(f.length)
