"""Coupons with their OCR-A line as a scanner gives them: two typefaces, ten troubles, decoys."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageFont

from intake.types import Page, Pixels
from ocr.scanline import CouponNumbers, scanline
from web.demo.coupon_art import CouponFacts, draw_coupon
from web.demo.fonts import MONO
from web.demo.group import Group
from web.demo.mail import Mode
from web.demo.scanner import Look, random_look, scan
from web.demo.sheet import BLACK_INK, Sheet
from web.demo.symbols import ocr_a

Face = Literal["strokes", "font", "plain"]
TROUBLES = ("scan", "skew", "noise", "blur", "light", "heavy", "jpeg", "dropout", "specks", "pen",
            "blot", "cut off", "wrong check digit", "one digit more")  # fmt: skip
DECOYS = frozenset({"wrong check digit", "one digit more"})
"""Lines of which no numbers may be read: their check digit does not hold."""
DPIS = (150, 200, 300)
MODES: tuple[Mode, ...] = ("gray", "bitonal")
_FONTS = ("/usr/share/fonts/truetype/ocr-a/OCRA.ttf",)
_LEFT, _BOTTOM = 4.3, 3.45  # where the coupon's line stands, inches
_LONG = 3.1


@dataclass(frozen=True, slots=True)
class Drawn:
    """A scanned coupon, its numbers (None where the line is a decoy), and how it was drawn."""

    page: Page
    numbers: CouponNumbers | None
    trouble: str
    face: Face
    mode: Mode
    dpi: int


def font_file() -> Path | None:
    """A typeface by others: Debian's public-domain ``fonts-ocr-a``, or LOCKBOX_BENCH_OCR_A."""
    named = os.environ.get("LOCKBOX_BENCH_OCR_A")
    found = [Path(each) for each in ((named,) if named else _FONTS)]
    return next((each for each in found if each.is_file()), None)


def faces() -> tuple[Face, ...]:
    """The typefaces at hand; ``plain`` is a line in a typewriter's face, no OCR-A at all."""
    return ("strokes", "strokes", "plain") if font_file() is None else ("strokes", "font", "font")


def draw(group: Group, seed: int, index: int) -> Drawn:
    """The coupon of this number; troubles, faces, resolutions and modes come in turn."""
    rng = random.Random(f"scanline:{seed}:{index}")
    trouble = TROUBLES[index % len(TROUBLES)]
    turn = index // len(TROUBLES)
    dpi, mode = DPIS[turn % 3], MODES[turn // 3 % 2]
    face = rng.choice(faces()) if rng.random() < 0.95 else "plain"
    statement = rng.choice(group.statements)
    account = group.account(statement.account_number)
    facts = CouponFacts(account, statement, group.office(account.office_code), "kalam",
                        statement.balance_cents)  # fmt: skip
    sheet = draw_coupon(facts, dpi, rng)
    numbers = CouponNumbers(statement.account_number, statement.statement_number,
                            statement.balance_cents)  # fmt: skip
    text = _spoiled(scanline(numbers), trouble, rng)
    _print(sheet, text, face)
    _harm(sheet, trouble, rng)
    pixels = _scanned(sheet, trouble, mode, rng)
    told = None if trouble in DECOYS else numbers
    return Drawn(Page(0, pixels, float(dpi)), told, trouble, face, mode, dpi)


def _spoiled(text: str, trouble: str, rng: random.Random) -> str:
    """A decoy's line: one digit another, or one too many."""
    places = [place for place, char in enumerate(text) if char.isdigit()]
    place = rng.choice(places)
    if trouble == "wrong check digit":
        other = rng.choice([char for char in "0123456789" if char != text[place]])
        return text[:place] + other + text[place + 1 :]
    if trouble == "one digit more":
        return text[:place] + rng.choice("0123456789") + text[place:]
    return text


def _print(sheet: Sheet, text: str, face: Face) -> None:
    """The line again in another face, on paper that covers the coupon's own."""
    sheet.draw.rectangle(
        [sheet.px(_LEFT - 0.4), sheet.px(_BOTTOM - 0.13), sheet.px(_LEFT + _LONG + 0.2),
         sheet.px(_BOTTOM + 0.05)], (255, 255, 255),
    )  # fmt: skip
    path = font_file()
    for place, symbol in enumerate(text):
        left = _LEFT + place * 0.1
        if face == "font" and path is not None:
            sheet.draw.text((left * sheet.dpi, _BOTTOM * sheet.dpi), symbol, (22, 22, 24),
                            _typeface(str(path), sheet.dpi), anchor="ls")  # fmt: skip
        elif face == "plain":
            sheet.text(left, _BOTTOM, symbol, face=MONO, pt=11)
        elif symbol != " ":
            ocr_a(sheet, left, _BOTTOM, symbol)


@lru_cache(maxsize=8)
def _typeface(path: str, dpi: int) -> ImageFont.FreeTypeFont:
    """Ten characters to the inch."""
    probe = ImageFont.truetype(path, 1000)
    return ImageFont.truetype(path, 0.1 * dpi * 1000 / probe.getlength("0"))


def _harm(sheet: Sheet, trouble: str, rng: random.Random) -> None:
    """What happened to the paper: a pen's stroke, a blot, a torn end."""
    if trouble == "pen":
        at = _LEFT + rng.uniform(0.3, 2.4)
        points = [
            (at + step * 0.14, _BOTTOM - 0.05 + rng.uniform(-0.09, 0.09)) for step in range(5)
        ]
        sheet.scribble(points, 1.6, BLACK_INK)
    elif trouble == "blot":
        x, y = (_LEFT + rng.uniform(0.1, 2.9)) * sheet.dpi, (_BOTTOM - 0.05) * sheet.dpi
        radius = rng.uniform(0.02, 0.05) * sheet.dpi
        sheet.draw.ellipse([x - radius, y - radius, x + radius, y + radius], BLACK_INK)
    elif trouble == "cut off":
        x = _LEFT + rng.choice((rng.uniform(0.01, 0.3), rng.uniform(2.8, 3.09)))
        ends = (x, 8.5) if x > _LEFT + 1.5 else (_LEFT - 0.3, x)
        sheet.draw.rectangle([sheet.px(ends[0]), sheet.px(_BOTTOM - 0.2), sheet.px(ends[1]),
                              sheet.px(_BOTTOM + 0.2)], (255, 255, 255))  # fmt: skip


def _scanned(sheet: Sheet, trouble: str, mode: Mode, rng: random.Random) -> Pixels:
    look = random_look(rng, mode)
    if trouble == "skew":
        look = Look(mode, rng.choice((-1, 1)) * rng.uniform(1.5, 2.2), look.blur, look.noise)
    elif trouble == "noise":
        look = Look(mode, look.skew, look.blur, rng.uniform(12, 22))
    elif trouble == "blur":
        look = Look(mode, look.skew, rng.uniform(1.0, 1.5), look.noise)
    _worn(sheet, trouble, rng)
    pixels = scan(sheet, "coupon", look, rng).pixels
    if pixels.max() == 1:
        pixels = pixels * np.uint8(255)
    if trouble == "jpeg" and mode != "bitonal":
        _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(20, 40)])
        pixels = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return pixels


def _worn(sheet: Sheet, trouble: str, rng: random.Random) -> None:
    """How the line was printed: too little toner or too much, lost rows of dots, specks."""
    box = (sheet.px(_LEFT - 0.1), sheet.px(_BOTTOM - 0.16), sheet.px(_LEFT + _LONG + 0.2),
           sheet.px(_BOTTOM + 0.06))  # fmt: skip
    part = np.asarray(sheet.image.crop(box)).copy()
    chance = np.random.default_rng(rng.getrandbits(40))
    if trouble == "light":
        part = (255 - (255 - part.astype(np.float32)) * rng.uniform(0.4, 0.6)).astype(np.uint8)
    elif trouble == "heavy":
        size = max(2, round(rng.uniform(0.006, 0.011) * sheet.dpi))
        part = np.asarray(cv2.erode(part, np.ones((size, size), np.uint8)), np.uint8)
    elif trouble == "dropout":
        for _ in range(rng.randint(1, 3)):
            row = rng.randrange(part.shape[0])
            part[row : row + max(1, round(0.007 * sheet.dpi))] = 255
    elif trouble == "specks":
        for _ in range(rng.randint(15, 40)):
            y, x = chance.integers(part.shape[0]), chance.integers(part.shape[1])
            size = max(1, round(rng.uniform(0.004, 0.012) * sheet.dpi))
            part[y : y + size, x : x + size] = rng.choice((0, 255))
    else:
        return
    sheet.image.paste(Image.fromarray(part), box[:2])
