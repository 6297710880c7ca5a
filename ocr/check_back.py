"""The back of a check: is it one, and does it bear an endorsement?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from rapidfuzz import fuzz

from intake.pixels import gray
from intake.types import Box, Page, Pixels, Word
from ocr.check_read import Read
from ocr.check_stamp import Stack, stacked
from ocr.check_trust import trusted
from ocr.components import marks_of
from ocr.engine import engines
from ocr.micr_line import ink_strength
from ocr.printed_words import printed_words
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
_SHAPE = (1.6, 3.0)  # with a table's margin in a photo
_WORK_WIDTH = 1200.0
_RULE = 41  # work pixels: longer than any straight stroke of type
_BARE = 150  # work pixels of ink: less than two printed words
_STAMP_REACH = 70  # work pixels about a stamp's telling words in which its other lines stand

_MOSTLY = 0.6
_LEGIBLE, _MIN_LEGIBLE = 0.8, 4  # a back that reads so surely in so many words lies upright

Manner = Literal["stamp", "bank_stamp", "writing", "none"]


@dataclass(frozen=True, slots=True)
class BackEvidence:
    """How surely this is a check's back, and what speaks for an endorsement (box in the page).

    ``restrictive`` says that a stamp limits the check to deposit; ``bank_stamp`` that the only
    endorsement seen is a bank's own, which is none of the payee's;
    ``front`` that the words are a front's, ``bare`` that there is hardly any ink.
    """

    back: float
    endorsed: bool
    endorsed_confidence: float
    box: Box | None
    source: str
    restrictive: bool = False
    bank_stamp: bool = False
    front: bool = False
    bare: bool = False


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
    if not back_shaped(page) and page.side != "back":
        return BackEvidence(0.0, endorsed=False, endorsed_confidence=0.5, box=None, source="")
    scale = _WORK_WIDTH / max(height, width)
    if page.dpi is not None and 0.6 <= scale * page.dpi / 200.0 <= 0.9:
        scale = 200.0 / page.dpi  # a business check: wider, with letters of the same size
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)
    work = np.asarray(255 - ink_strength(np.asarray(small, np.uint8), 200.0), np.uint8)
    seen = _words(work)
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
        front=seen.front,
        bare=int(np.count_nonzero(work < 160)) < _BARE,
    )


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = (round(value / scale) for value in box)
    return x, y, width, height


def _words(work: Pixels) -> _Seen:
    """What the larger type of the back says; where that tells nothing, all is, on its sides too.

    The net for print takes a quarter of the page reader's time, and is believed where it reads
    most words surely: what limits a check to deposit may stand in the others.
    """
    printed = _type_like(work)
    larger = stacked(printed)
    if larger is not None:
        for turns in (0, 2):
            words = printed_words(_upended(larger.picture, turns))
            seen = _said(words, larger, turns)
            sure = sum(word.confidence > _LEGIBLE for word in words)
            if _telling(seen) and (seen.restricted or sure >= _MOSTLY * len(words)):
                return seen
        for turns in (0, 2):
            words = engines().text.read_words(_upended(larger.picture, turns), 200.0, psm=6)
            seen = _said(words, larger, turns)
            if _telling(seen):
                return seen
            sure = sum(len(word.text) > 2 and word.confidence > _LEGIBLE for word in words)
            if sure >= min(_MIN_LEGIBLE, 0.5 * len(words)):
                break
    if np.count_nonzero(printed < 160) < _BARE:
        return _Seen()
    page = (0, 0, printed.shape[1], printed.shape[0])
    for quarter in (1, 3, 0):
        picture = np.ascontiguousarray(np.rot90(printed, quarter))
        parts = Stack(picture, (0,), (page,), (quarter,))
        seen = _said(engines().text.read_words(parts.picture, 200.0, psm=11), parts, 0)
        if _telling(seen):
            return seen
    return _Seen()


def _upended(picture: Pixels, turns: int) -> Pixels:
    return picture if turns == 0 else np.ascontiguousarray(np.rot90(picture, turns))


def _telling(seen: _Seen) -> bool:
    return seen.front or seen.restricted or seen.banked or seen.printed


def _type_like(work: Pixels) -> Pixels:
    """The picture with only marks that may be letters: stamps are up to a quarter inch high.

    Ruled lines go first, for a stamp set on them would be one mark with them.
    """
    ink = np.asarray(work < 160, np.uint8)
    ruled = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, _RULE), np.uint8))
    ruled = cv2.max(ruled, cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((_RULE, 1), np.uint8)))
    kept = work.copy()
    kept[cv2.dilate(ruled, np.ones((3, 3), np.uint8)) > 0] = 255
    marks = marks_of(kept < 160)
    stats = marks.stats
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    drop = (np.minimum(wide, high) > 70) | (np.maximum(wide, high) > 110) | (area < 4)
    drop |= (np.minimum(wide, high) <= 4) & (np.maximum(wide, high) >= 34)
    drop |= (high <= 3) & (wide >= 8)  # what is left of a ruled line
    return np.asarray(cv2.bitwise_or(kept, marks.mask(drop)), np.uint8)


def _said(words: tuple[Word, ...], parts: Stack, turns: int) -> _Seen:
    shape = parts.picture.shape
    kept = [
        replace(word, box=parts.in_page(_turned_back(word.box, shape, turns)))
        for word in words if word.confidence > 0.1
    ]  # fmt: skip
    plain = [re.sub(r"[^a-z]", "", word.text.lower()) for word in kept]
    said = " ".join(plain)
    restricted, banked = _says(said, _RESTRICTED), _says(said, _BANKS)
    box = None
    if restricted or banked:
        box = _stamp(kept, plain, _RESTRICTED if restricted else _BANKS)
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
    """A box in a picture turned on its head (``turns`` 2), before the turning."""
    x, y, width, height = box
    return box if turns == 0 else (shape[1] - x - width, shape[0] - y - height, width, height)


def back_shaped(page: Page) -> bool:
    """Whether the page has a check's proportions."""
    width, height = page.size
    return bool(_SHAPE[0] <= max(height, width) / max(1, min(height, width)) <= _SHAPE[1])


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether one of the phrases stands in the text, a few letters or spaces amiss."""
    closed = text.replace(" ", "")
    return len(closed) >= 10 and any(
        fuzz.partial_ratio(p, text, score_cutoff=_ALIKE) > 0
        or fuzz.partial_ratio(p.replace(" ", ""), closed, score_cutoff=_ALIKE) > 0
        for p in phrases
    )


def _writing(work: Pixels) -> Box | None:
    """The largest mark that is neither type nor a ruled line: a signature's stroke, or none."""
    dark = np.asarray(work < 140, np.uint8)
    stats = marks_of(dark).stats
    wide, high, area = (stats[1:, k].astype(np.float64) for k in (2, 3, 4))
    short, long = np.minimum(wide, high), np.maximum(wide, high)
    filled, outline = area / np.maximum(1.0, wide * high), area / (2.0 * np.maximum(1, wide + high))
    stroke = (short >= 26) & (long >= 55) & (filled >= 0.02) & (filled <= 0.4)
    stroke &= (long < 0.6 * _WORK_WIDTH) & (outline > 1.7)
    if not stroke.any():
        return None
    x, y, width, height = (int(v) for v in stats[1 + int((wide * high * stroke).argmax()), :4])
    return x, y, width, height
