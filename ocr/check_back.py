"""The back of a check: is it one, and does it bear an endorsement?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from rapidfuzz import fuzz

from intake.types import Box, Page, Pixels, Word
from ocr.check_read import Read
from ocr.check_trust import trusted
from ocr.components import components
from ocr.engine import engines
from ocr.micr_line import glyph_marks, ink_strength, mask
from ocr.prepare import gray
from ocr.text import around

_PRINTED = (
    "endorse here", "endorse check here", "do not write stamp or sign", "do not sign write",
    "below this line", "below these lines", "security features", "financial institution use",
)  # fmt: skip
_RESTRICTED = ("for deposit only", "for mobile deposit", "for remote deposit", "deposit only")
_BANKS = (
    "pay any bank", "prior endorsements guaranteed", "absence of endorsement guaranteed",
    "credited to the account", "account of within named", "within named payee",
)  # fmt: skip
_FRONT = re.compile(r"\bdollars\b|\bmemo\b|pay to the|\bvoid after\b|\bdate\b")
_ALIKE = 84.0
_SHAPE = (1.8, 2.9)
_MOST_MARKS = 300  # glyph-sized; a back's print has some 180, a coupon 400
_WORK_WIDTH = 1200.0
_STAMP_REACH = 70  # work pixels about a stamp's telling words in which its other lines stand

Manner = Literal["stamp", "bank_stamp", "writing", "none"]


@dataclass(frozen=True, slots=True)
class BackEvidence:
    """How surely this is a check's back, and what speaks for an endorsement (box in the page).

    ``restrictive`` says that a stamp limits the check to deposit; ``bank_stamp`` that the only
    endorsement seen is a bank's own, which is none of the payee's.
    """

    back: float
    endorsed: bool
    endorsed_confidence: float
    box: Box | None
    source: str
    restrictive: bool = False
    bank_stamp: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the words of a back say, the stamp's box in work pixels among it."""

    printed: bool = False
    restricted: bool = False
    banked: bool = False
    front: bool = False
    box: Box | None = None


def back_evidence(page: Page) -> BackEvidence:
    """Look for the usual print of a back, for stamps, and for writing at either end."""
    picture = gray(page.pixels)
    height, width = picture.shape
    shape = max(height, width) / max(1, min(height, width))
    if not _SHAPE[0] <= shape <= _SHAPE[1] and page.side != "back":
        return BackEvidence(0.0, endorsed=False, endorsed_confidence=0.5, box=None, source="")
    scale = _WORK_WIDTH / max(height, width)
    if page.dpi is not None and 0.6 <= scale * page.dpi / 200.0 <= 0.9:
        scale = 200.0 / page.dpi  # a business check: wider, with letters of the same size
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    work = np.asarray(255 - ink_strength(np.asarray(small, np.uint8), 200.0), np.uint8)
    seen = _words(work, known=page.side == "back")
    stamped = seen.restricted or seen.banked
    back = 0.99 if page.side == "back" else 0.0 if seen.front else 0.95 if seen.printed else 0.0
    if not seen.front and not seen.printed and stamped and page.side != "back":
        back = 0.7
    written = _writing(work)
    manner: Manner = "none"
    if seen.restricted:
        manner, box = "stamp", seen.box
    elif written is not None:
        manner, box = "writing", written
    elif seen.banked:
        manner, box = "bank_stamp", seen.box
    else:
        box = None
    endorsed = manner in ("stamp", "writing")
    read = trusted("endorsed", Read(endorsed, 0.75, box or (0, 0, 1, 1), manner))
    return BackEvidence(
        back=back,
        endorsed=endorsed,
        endorsed_confidence=0.5 if read is None else read.confidence,
        box=None if box is None else _scaled(box, scale),
        source="tesseract" if manner in ("stamp", "bank_stamp") else "ink",
        restrictive=seen.restricted,
        bank_stamp=manner == "bank_stamp",
    )


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = (round(value / scale) for value in box)
    return x, y, width, height


def _words(work: Pixels, *, known: bool) -> _Seen:
    """The words read as the page lies and, where they say nothing, on its sides and its head."""
    best = _Seen()
    printed = _type_like(work)
    if np.count_nonzero(printed < 160) < 60:
        return best
    for turns in (0, 1, 3, 2):
        turned = np.ascontiguousarray(np.rot90(printed, turns))
        words = engines().text.read_words(turned, 200.0, psm=11)
        seen = _said(words, turned.shape, turns)
        if seen.front:
            return seen
        stamp = seen if seen.box is not None else best
        best = replace(stamp, printed=best.printed or seen.printed)
        if best.restricted or best.banked or (seen.printed and not known):
            break
    return best


def _type_like(work: Pixels) -> Pixels:
    """The picture with only marks that may be letters: stamps are up to a quarter inch high."""
    _, labels, stats, _ = components(np.asarray(work < 160, np.uint8))
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    drop = (np.minimum(wide, high) > 70) | (np.maximum(wide, high) > 110) | (area < 4)
    drop |= (np.minimum(wide, high) <= 4) & (np.maximum(wide, high) >= 34)
    drop[0] = False
    kept = work.copy()
    kept[drop[labels]] = 255
    return kept


def _said(words: tuple[Word, ...], shape: tuple[int, ...], turns: int) -> _Seen:
    kept = [word for word in words if word.confidence > 0.3]
    plain = [re.sub(r"[^a-z]", "", word.text.lower()) for word in kept]
    said = " ".join(plain)
    restricted, banked = _says(said, _RESTRICTED), _says(said, _BANKS)
    box = None
    if restricted or banked:
        box = _stamp(kept, plain, _RESTRICTED if restricted else _BANKS)
        box = None if box is None else _turned_back(box, shape, turns)
    front = len(set(_FRONT.findall(said))) >= 2
    return _Seen(_says(said, _PRINTED), restricted, banked, front, box)


def _stamp(words: list[Word], plain: list[str], phrases: tuple[str, ...]) -> Box | None:
    """Around a stamp: its telling words, and the words close to them."""
    telling = {part for phrase in phrases for part in phrase.split() if len(part) > 3}
    centre = [
        word.box for word, text in zip(words, plain, strict=True)
        if any(fuzz.ratio(text, part) >= _ALIKE for part in telling)
    ]  # fmt: skip
    if not centre:
        return None
    x, y, width, height = around(centre)
    near = [
        word.box for word in words
        if x - _STAMP_REACH <= word.box[0] + word.box[2] / 2 <= x + width + _STAMP_REACH
        and y - _STAMP_REACH <= word.box[1] + word.box[3] / 2 <= y + height + _STAMP_REACH
    ]  # fmt: skip
    return around(near)


def _turned_back(box: Box, shape: tuple[int, ...], turns: int) -> Box:
    """A box in a picture turned by quarter turns (as ``numpy.rot90``), before the turning."""
    x, y, width, height = box
    tall, wide = shape[:2]
    if turns == 1:
        return tall - y - height, x, height, width
    if turns == 2:
        return wide - x - width, tall - y - height, width, height
    if turns == 3:
        return y, wide - x - width, height, width
    return box


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
