"""Showing an image cash letter: every record with its named fields, images by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from intake import x9
from intake.x9 import BY_LAYOUT, Record


@dataclass(frozen=True, slots=True)
class Shown:
    """The contract's ``icl show``: how the file lies, and its records, one by one, read once."""

    framing: str | None
    encoding: str | None
    records: Iterator[dict[str, Any]]


def show(stream: BinaryIO) -> Shown:
    """All records of a stream in order; memory holds one at a time.

    Blank fields are null; binary fields are ``{bytes, sha256}``. The first record raises
    ``UnreadableError`` for a stream that is no image cash letter.
    """
    head = stream.read(x9.SNIFF_BYTES)
    stream.seek(-len(head), 1)
    framing = x9.sniff(head)
    records = (show_record(record) for record in x9.read_records(stream, framing))
    return Shown(framing.kind if framing else None, framing.encoding if framing else None, records)


def show_record(record: Record) -> dict[str, Any]:
    """One record: its number, type, place, title, fields and faults."""
    spec = BY_LAYOUT.get(record.layout)
    return {
        "record": record.number,
        "type": record.type,
        "title": spec.title if spec else "Unknown",
        "offset": record.offset,
        "fields": dict(_fields(record)),
        "faults": list(record.faults),
    }


def _fields(record: Record) -> Iterator[tuple[str, Any]]:
    for name, value in record.fields.items():
        if name == "record_type":
            continue
        if isinstance(value, bytes):
            digest = hashlib.sha256(value).hexdigest() if value else None
            yield name, {"bytes": len(value), "sha256": digest}
        elif not name.startswith("reserved") or value.strip():
            yield name, value.strip() or None
