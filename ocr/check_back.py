"""The back of a check: is it one, and does it bear an endorsement?"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from rapidfuzz import fuzz

from intake.types import Box, Page, Pixels
from ocr.components import components
from ocr.engine import engines
from ocr.micr_line import glyph_marks, ink_strength, mask
from ocr.prepare import gray

_PRINTED = (
    "endorse here", "endorse check here", "do not write stamp or sign", "do not sign write",
    "below this line", "below these lines", "security features", "financial institution use",
)  # fmt: skip
_ENDORSED = (
    "for deposit only", "for mobile deposit", "credited to the account", "within named payee",
    "pay to the order of", "account of within named", "named payee",
)  # fmt: skip
_ALIKE = 84.0
_SHAPE = (1.8, 2.9)
_MOST_MARKS = 300  # glyph-sized; a back's print has some 180, a coupon 400
_WORK_WIDTH = 1200.0


@dataclass(frozen=True, slots=True)
class BackEvidence:
    """How surely this is a check's back, and what speaks for an endorsement (box in the page)."""

    back: float
    endorsed: bool
    endorsed_confidence: float
    box: Box | None
    source: str


def back_evidence(page: Page) -> BackEvidence:
    """Look for the usual print of a back, for stamps, and for writing at either end."""
    picture = gray(page.pixels)
    height, width = picture.shape
    shape = max(height, width) / max(1, min(height, width))
    if not _SHAPE[0] <= shape <= _SHAPE[1]:
        return BackEvidence(0.0, endorsed=False, endorsed_confidence=0.5, box=None, source="")
    scale = _WORK_WIDTH / max(height, width)
    if page.dpi is not None and 0.6 <= scale * page.dpi / 200.0 <= 0.9:
        scale = 200.0 / page.dpi  # a business check: wider, with letters of the same size
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    work = np.asarray(255 - ink_strength(np.asarray(small, np.uint8), 200.0), np.uint8)
    printed = stamped = False
    for turns in (0, 1, 3):
        turned = np.ascontiguousarray(np.rot90(work, turns))
        words = engines().text.read_words(turned, 200.0, psm=11)
        said = " ".join(re.sub(r"[^a-z]", "", w.text.lower()) for w in words if w.confidence > 0.3)
        printed = printed or _says(said, _PRINTED)
        stamped = stamped or _says(said, _ENDORSED)
        if stamped or (printed and page.side != "back"):
            break
    if page.side == "back":
        back = 0.99
    elif printed:
        back = 0.95
    else:
        back = 0.7 if stamped else 0.0
    writing = _writing(work)
    box = None
    if writing is not None:
        x, y, w, h = (round(value / scale) for value in writing)
        box = (x, y, w, h)
    if stamped:
        return BackEvidence(
            back, endorsed=True, endorsed_confidence=0.85, box=box, source="tesseract"
        )
    if writing is not None:
        return BackEvidence(back, endorsed=True, endorsed_confidence=0.75, box=box, source="ink")
    return BackEvidence(back, endorsed=False, endorsed_confidence=0.75, box=None, source="ink")


def may_be_back(page: Page) -> bool:
    """A cheap look: has the page a check's shape, and no more print than a check's back bears?"""
    picture = gray(page.pixels)
    height, width = picture.shape
    if not _SHAPE[0] <= max(height, width) / max(1, min(height, width)) <= _SHAPE[1]:
        return False
    scale = min(1.0, _WORK_WIDTH / max(height, width))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    strength = ink_strength(np.asarray(small, np.uint8), 200.0 * scale)
    return len(glyph_marks(mask(strength))) <= _MOST_MARKS


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether one of the phrases stands in the text, a few letters or spaces amiss."""
    closed = text.replace(" ", "")
    return len(closed) >= 10 and any(
        max(fuzz.partial_ratio(p, text), fuzz.partial_ratio(p.replace(" ", ""), closed)) >= _ALIKE
        for p in phrases
    )


def _writing(work: Pixels) -> Box | None:
    """The largest mark that is neither type nor a ruled line: a signature's stroke, or none."""
    dark = np.asarray(work < 140, np.uint8)
    _, _, stats, _ = components(dark)
    best: Box | None = None
    for x, y, width, height, area in stats[1:]:
        tall, wide = min(width, height), max(width, height)
        filled = area / max(1, width * height)
        if tall >= 26 and wide >= 55 and 0.02 <= filled <= 0.4 and wide < 0.6 * _WORK_WIDTH:
            outline = area / (2.0 * (width + height))
            if outline > 1.7 and (best is None or width * height > best[2] * best[3]):
                best = (int(x), int(y), int(width), int(height))
    return best
