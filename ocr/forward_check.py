"""A new address read by a second reader: figures that the two read differently are not sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from intake.types import Page
from ocr import engine
from ocr.label_areas import Area
from ocr.label_look import levelled
from ocr.text import Line, from_words
from ocr.types import Field

_DIFFERENT = 0.4  # below what may be proposed without a person's look
_ALIKE = 85.0


def confirmed(page: Page, block: Sequence[Line], field: Field | None) -> Field | None:
    """The field as it is where the line recogniser reads the same, else unsure.

    A house number off by a digit is somebody else's house, and nothing on the label checks it.
    """
    if field is None or field.source == "text_layer":
        return field
    slant = from_words(0, "", [word for line in block for word in line.words]).skew_degrees
    same = all(_same(page, line, slant) for line in block)
    return field if same else replace(field, confidence=min(_DIFFERENT, field.confidence))


def _same(page: Page, line: Line, slant: float) -> bool:
    x, y, width, _ = line.box
    height = sorted(word.box[3] for word in line.words)[len(line.words) // 2]
    tall = line.box[3]
    area = Area(x + width / 2, y + tall / 2, width + height, 1.3 * height, slant, colored=True)
    crop, _ = levelled(page.pixels, area, page.dpi or 200.0, pad=0.0)
    read = engine.line_engine().read_line(crop).text
    if _figures(read) != _figures(line.text):
        return False
    return fuzz.ratio(_letters(read), _letters(line.text)) >= _ALIKE


def _figures(text: str) -> str:
    return "".join(re.findall(r"\d", text))


def _letters(text: str) -> str:
    return re.sub(r"[^A-Z]", "", text.upper())
