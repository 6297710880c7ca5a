"""The endorsement on the back view: "For deposit only", whose account, when and which item.

A payee endorses at the trailing edge: the first inch and a half of the back, on the right as the
back is seen (Regulation CC, appendix D, leaves the middle to the bank of first deposit).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deposits.icl.group4 import Bits
from deposits.icl.views import DPI

_LETTER_INCHES = 0.11
_MARGIN_INCHES = 0.08
_TRAILING_INCHES = 1.5


def endorsed(back: Bits, lines: tuple[str, ...]) -> Bits:
    """The back with the lines printed up its trailing edge, where the least ink stands already.

    What was there stays: an endorsement is added, nothing is taken away.
    """
    stamp = _stamp(lines, back.shape[0])
    height, width = stamp.shape
    room = min(back.shape[1], round(_TRAILING_INCHES * DPI))
    margin = round(_MARGIN_INCHES * DPI)
    tops = range(0, max(1, back.shape[0] - height + 1), max(1, height // 4))
    first = max(0, back.shape[1] - room)
    lefts = range(first, max(first + 1, back.shape[1] - width - margin + 1), max(1, width // 3))
    _, top, left = min(
        (int(back[top : top + height, left : left + width].sum()), top, left)
        for top in tops
        for left in lefts
    )
    found = back.copy()
    place = found[top : top + height, left : left + width]
    place |= stamp[: place.shape[0], : place.shape[1]]
    return found


def _stamp(lines: tuple[str, ...], most: int) -> Bits:
    """The lines, reading upwards, no longer than ``most`` pixels."""
    font = _font()
    high = round(1.25 * _LETTER_INCHES * DPI)
    long = max((round(font.getlength(line)) for line in lines), default=1) + 2
    picture = Image.new("L", (max(long, 1), high * max(len(lines), 1)), 0)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        pen.text((1, number * high), line, fill=255, font=font)
    if long > most:
        picture = picture.resize((most, picture.height * most // long))
    return np.asarray(np.rot90(np.asarray(picture) > 127), np.bool_)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(_LETTER_INCHES * DPI)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101 - narrows; a size asks for it
    return font
