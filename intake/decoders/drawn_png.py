"""Pages drawn from text and lines as PNG (ISO/IEC 15948): most of such a page is bare paper.

Rows are stored without a filter: on print over white paper the search for each row's best one
takes as long as all the rest and saves nothing. Stretches of bare rows are not compressed again
for every page: the deflate stream (RFC 1951) is cut by full flushes, across which nothing refers
back, so what some bare rows compress to is worked out once and put wherever they stand.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_BARE = (256, 32, 8)
"""Rows that stretches of bare paper are made of; what is less goes with the print beside it."""
_ZLIB_HEAD, _NO_FILTER = b"\x78\x01", 0
_ADLER = 65521
_COLOURS = {1: 0, 3: 2}  # samples of a pixel: colour type


def drawn_png(pixels: NDArray[np.uint8]) -> bytes:
    """Gray (height x width) or RGB (height x width x 3) pixels, white where nothing is drawn."""
    height, width = pixels.shape[:2]
    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[samples], 0, 0, 0)
    packed = _deflated(pixels.reshape(height, -1))
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def _deflated(pixels: NDArray[np.uint8]) -> bytes:
    """Rows of samples as a zlib stream (RFC 1950)."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    row_bytes = pixels.shape[1] + 1
    pieces, checked, done = [_ZLIB_HEAD], 1, 0
    for start, count in _bare_stretches(pixels.min(axis=1) == 255):
        if start > done:
            rows = _rows(pixels[done:start])
            checked = zlib.adler32(rows, checked)
            pieces += (deflate.compress(rows), deflate.flush(zlib.Z_FULL_FLUSH))
        done = start + count
        left = count
        for size in _BARE:
            packed, own = _bare_rows(row_bytes, size)
            for _ in range(left // size):
                pieces.append(packed)
                checked = _joined(checked, own, row_bytes * size)
            left %= size
    rows = _rows(pixels[done:])
    pieces += (deflate.compress(rows), deflate.flush(zlib.Z_FINISH))
    return b"".join(pieces) + struct.pack(">I", zlib.adler32(rows, checked))


def _rows(pixels: NDArray[np.uint8]) -> memoryview:
    """Rows of samples, each after the byte that says how it is filtered."""
    rows = np.empty((len(pixels), pixels.shape[1] + 1), np.uint8)
    rows[:, 0], rows[:, 1:] = _NO_FILTER, pixels
    return rows.data.cast("B") if rows.size else memoryview(b"")


def _bare_stretches(bare: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Starts and counts of rows that are bare, in whole multiples of the least stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], bare, [False]))))
    least = _BARE[-1]
    return [
        (int(start), int(end - start) // least * least)
        for start, end in edges.reshape(-1, 2)
        if end - start >= least
    ]


@lru_cache(maxsize=64)
def _bare_rows(row_bytes: int, count: int) -> tuple[bytes, int]:
    """So many bare rows deflated, to be put between two full flushes; and their Adler-32."""
    rows = (bytes((_NO_FILTER,)) + b"\xff" * (row_bytes - 1)) * count
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(rows) + deflate.flush(zlib.Z_FULL_FLUSH), zlib.adler32(rows)


def _joined(one: int, other: int, count: int) -> int:
    """The Adler-32 (RFC 1950, 9) of two pieces together; the second has ``count`` bytes."""
    low = ((one & 0xFFFF) + (other & 0xFFFF) - 1) % _ADLER
    high = ((one >> 16) + (other >> 16) + count * ((one & 0xFFFF) - 1)) % _ADLER
    return high << 16 | low
