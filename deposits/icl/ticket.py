"""The picture that stands for the credit: a deposit ticket drawn by us, front and white back."""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deposits.icl.group4 import to_tiff
from deposits.icl.views import DPI
from records.money import Money

_SIZE = (6 * DPI, int(2.75 * DPI))
_LETTER = 34


def ticket(title: str, lines: tuple[tuple[str, str], ...], cents: int) -> bytes:
    """A ticket as an image file: a title, lines of a name and its value, and the total."""
    picture = Image.new("L", _SIZE, 255)
    pen = ImageDraw.Draw(picture)
    large, small = (ImageFont.load_default(size) for size in (1.4 * _LETTER, _LETTER))
    pen.rectangle((20, 20, _SIZE[0] - 20, _SIZE[1] - 20), outline=0, width=3)
    pen.text((60, 50), title, fill=0, font=large)
    for number, (name, value) in enumerate(lines):
        y = 140 + number * int(1.5 * _LETTER)
        pen.text((60, y), name, fill=0, font=small)
        pen.text((480, y), value, fill=0, font=small)
    pen.text((60, _SIZE[1] - 110), "TOTAL", fill=0, font=large)
    pen.text((480, _SIZE[1] - 110), str(Money(cents)), fill=0, font=large)
    return to_tiff(np.asarray(picture) < 128, DPI)


def blank_like(tiff: bytes) -> bytes:
    """A white view as large as one that was made here."""
    start = struct.unpack_from("<I", tiff, 4)[0] + 2
    width, height = (struct.unpack_from("<I", tiff, start + 12 * tag + 8)[0] for tag in (0, 1))
    return _white(width, height)


@lru_cache(maxsize=8)
def _white(width: int, height: int) -> bytes:
    return to_tiff(np.zeros((height, width), np.bool_), DPI)
