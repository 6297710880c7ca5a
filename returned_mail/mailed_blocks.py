"""The packed barcodes of all pieces mailed as files on disk, one for each mailer and month.

They are made from the table and nothing is in them that is not in it: a file that is missing,
torn or behind is written anew. Writing goes beside the place and is moved there when it is whole.
"""

from __future__ import annotations

import os
import struct
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr import imb_batch
from ocr.imb_batch import Words
from records.models import MailedBlock, MailedPiece

_HEADER = struct.Struct("<8sQ")
_MAGIC = b"LBXIMB01"
_WORDS, _ID_BYTES = 3, 16
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """The pieces of one mailer's month: bits (3 x n) and ids (n x 16 bytes), in one order."""

    mailer_id: str
    month: str
    words: Words
    ids: NDArray[np.uint8]

    def piece_id(self, row: int) -> str:
        """The id of the piece in this row."""
        return str(uuid.UUID(bytes=self.ids[row].tobytes()))


def blocks(session: Session, folder: Path) -> list[Block]:
    """All blocks, memory-mapped; those that are behind the table are written first."""
    found = []
    rows = session.scalars(select(MailedBlock).order_by(MailedBlock.mailer_id, MailedBlock.month))
    for row in rows:
        block = _opened(folder, row)
        if block is None:
            _write(folder, row, _pieces(session, row))
            block = _opened(folder, row)
        if block is not None:
            found.append(block)
    return found


def rebuild(session: Session, folder: Path) -> tuple[int, int]:
    """Write every block anew from the table; how many blocks and pieces."""
    written = pieces = 0
    for row in session.scalars(select(MailedBlock)):
        held = _pieces(session, row)
        _write(folder, row, held)
        written, pieces = written + 1, pieces + len(held)
    return written, pieces


def stale(session: Session, folder: Path) -> list[MailedBlock]:
    """The blocks whose file is missing, torn or behind."""
    return [row for row in session.scalars(select(MailedBlock)) if _opened(folder, row) is None]


def _place(folder: Path, row: MailedBlock) -> Path:
    return folder / f"{row.mailer_id}-{row.month}.imb"


def _opened(folder: Path, row: MailedBlock) -> Block | None:
    """The file's block if it is whole and holds as many pieces as the table."""
    place = _place(folder, row)
    try:
        size = place.stat().st_size
        with place.open("rb") as stream:
            magic, count = _HEADER.unpack(stream.read(_HEADER.size))
    except (OSError, struct.error):
        return None
    if magic != _MAGIC or count != row.pieces:
        return None
    if size != _HEADER.size + count * (8 * _WORDS + _ID_BYTES) or not count:
        return None
    words = np.memmap(place, "<u8", "r", _HEADER.size, (_WORDS, count))
    ids = np.memmap(place, np.uint8, "r", _HEADER.size + 8 * _WORDS * count, (count, _ID_BYTES))
    return Block(row.mailer_id, row.month, np.asarray(words), np.asarray(ids))


def _pieces(session: Session, row: MailedBlock) -> Sequence[tuple[str, str]]:
    """Id and barcode of every piece of the mailer's month."""
    year, month = (int(part) for part in row.month.split("-"))
    after = date(year + month // 12, month % 12 + 1, 1)
    query = (
        select(MailedPiece.id, MailedPiece.imb)
        .where(
            MailedPiece.mailer_id == row.mailer_id,
            MailedPiece.mailed_on >= date(year, month, 1),
            MailedPiece.mailed_on < after,
        )
        .order_by(MailedPiece.id)
    )
    return [(ident, code) for ident, code in session.execute(query)]


def _write(folder: Path, row: MailedBlock, pieces: Sequence[tuple[str, str]]) -> None:
    """One block, whole or not at all, also where the machine stops meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [
        imb_batch.packed([code for _, code in pieces[start : start + _AT_ONCE]])
        for start in range(0, len(pieces), _AT_ONCE)
    ]
    packed = np.concatenate(words, axis=1) if words else np.zeros((_WORDS, 0), np.uint64)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".block.", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(_HEADER.pack(_MAGIC, len(pieces)))
            out.write(np.ascontiguousarray(packed, "<u8").tobytes())
            out.write(b"".join(uuid.UUID(ident).bytes for ident, _ in pieces))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(_place(folder, row))
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
