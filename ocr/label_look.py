"""A second look at a label or stamp that was not read: cut out, levelled, enlarged, read alone."""

from __future__ import annotations

import math

import cv2
import numpy as np

from intake.types import Box, Page, Word
from ocr import engine
from ocr.envelope_blocks import within
from ocr.envelope_marks import Marks
from ocr.label_lines import label_box
from ocr.text import PageText, around, from_words


def second_look(page: Page, text: PageText, seen: Marks) -> PageText | None:
    """The page's text with the label read again, level and larger; None where that is no use.

    For a label that is there but whose reason was not read: labels are stuck on aslant, and the
    text engine wants level lines.
    """
    if seen.named or not (seen.nixie or seen.framed):
        return None
    label = label_box(seen) or around(part.box for part in seen.framed)
    inside = [word for part in seen.parts if within(part, label) for word in part.words]
    slant = from_words(0, "", inside).skew_degrees
    x, y, width, height = label
    pad = round(0.25 * (page.dpi or 200.0))
    left, top = max(0, x - pad), max(0, y - pad)
    crop = page.pixels[top : y + height + pad, left : x + width + pad]
    scale = 1.5 if (page.dpi or 200.0) < 250 else 1.0
    matrix = cv2.getRotationMatrix2D((0.0, 0.0), slant, scale)
    tall, wide = crop.shape[:2]
    shift = abs(math.sin(math.radians(slant))) * wide * scale
    matrix[1, 2] += shift if slant > 0 else 0.0
    size = (round(wide * scale), round(tall * scale + shift))
    level = cv2.warpAffine(crop, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    words = engine.text_engine().read_words(np.asarray(level, np.uint8), 200 * scale, psm=6)
    back = cv2.invertAffineTransform(matrix)
    again = [Word(w.text, _through(back, w.box, left, top), w.confidence) for w in words]
    kept = [w for w in text.words if not inside(w.box, (left, top, width + pad, height + pad))]
    return from_words(text.page, text.source, [*kept, *again])


def _through(matrix: cv2.typing.MatLike, box: Box, left: int, top: int) -> Box:
    """A box of the levelled crop on the page."""
    x, y, width, height = box
    corners = np.array([[x, y, 1], [x + width, y + height, 1]], np.float64) @ matrix.T
    x0, y0 = (round(float(v)) for v in corners[0])
    x1, y1 = (round(float(v)) for v in corners[1])
    return (max(0, x0 + left), max(0, y0 + top), max(1, x1 - x0), max(1, y1 - y0))
