"""What the post office and others put on a returned envelope: labels, stamps, boxes, writing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import cv2
import numpy as np
from PIL import Image

from bench.checks.hands import TUNE_FACES, random_hand, write
from bench.envelopes.facts import TEXTS, Facts
from intake.types import Pixels
from web.demo.fonts import BOLD, MONO, SANS
from web.demo.sheet import BLACK_INK, Color, Sheet, from_array
from web.demo.symbols import code128

_YELLOWS: tuple[Color, ...] = ((250, 226, 92), (246, 214, 70), (252, 232, 130))
_STAMP_INKS: tuple[Color, ...] = ((178, 40, 60), (150, 30, 44), (96, 50, 130), (40, 40, 46))


def mark(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    """Put the piece's marking on its front."""
    if facts.mark in {"label", "two_labels", "cfs"}:
        _labels(sheet, facts, rng)
    elif facts.mark == "stamp":
        _stamp(sheet, facts, rng)
    elif facts.mark == "ticked":
        _ticked(sheet, facts, rng)
    elif facts.mark in {"hand", "opened"}:
        _written(sheet, facts, rng)


def label_rows(facts: Facts) -> list[str]:
    """The lines of the newest label, by the reference's grammar."""
    own = facts.office.zip if facts.statement is not None else "60677"
    last = f"BC: {own}            {facts.label_id}"
    day = f"{facts.label_on:%m/%d/%y}"
    if facts.forward is not None:
        key = "".join(part[:4] for part in facts.name.split()[-1:])
        keyline = f"{key}{facts.label_id[1:4]}  {facts.account.zip[:5]}  1N  C  {day}"
        return [keyline, facts.text, facts.forward_name, *facts.forward, "RETURN TO SENDER", last]
    return [f"NIXIE      {own[:3]}  DE 1      00{day}", "RETURN TO SENDER", *_lines(facts.text),
            "UNABLE TO FORWARD", last]  # fmt: skip


def older_rows(facts: Facts, rng: random.Random) -> list[str]:
    """The lines of an older label that the newest does not hide."""
    day = facts.label_on - timedelta(days=rng.randint(3, 12))
    own = facts.office.zip
    last = f"BC: {own}            *{rng.randrange(1000, 9999)}-08121-19-27"
    return [f"NIXIE      {own[:3]}  DE 1      00{day:%m/%d/%y}", "RETURN TO SENDER",
            *_lines(rng.choice(TEXTS[facts.older])), "UNABLE TO FORWARD", last]  # fmt: skip


def _lines(text: str) -> list[str]:
    """A long reason on two lines, as a label of 32 characters prints it."""
    if len(text) <= 34:
        return [text]
    cut = text.rfind(" ", 0, 34)
    return [text[:cut], text[cut + 1 :]]


def _labels(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    x, y = 4.85 + rng.uniform(0, 0.25), 2.1 + rng.uniform(0, 0.12)
    if facts.trouble == "over_address":
        x, y = 2.3 + rng.uniform(0, 0.3), 2.25
    elif facts.trouble == "over_bars":
        x, y = 3.0 + rng.uniform(-0.6, 0.6), 1.62
    angle = rng.uniform(-2.5, 2.5)
    if facts.older:
        old = _label(older_rows(facts, rng), sheet.dpi, rng)
        sheet.overlay(old, 5.2, 1.15, angle=rng.uniform(-2, 2))
        y = max(y, 2.55)
    sheet.overlay(_label(label_rows(facts), sheet.dpi, rng), x, min(y, 2.75), angle=angle)


def _label(rows: Sequence[str], dpi: int, rng: random.Random) -> Sheet:
    """The yellow label, 4 inches wide."""
    label = Sheet(4.0, 0.5 + 0.16 * len(rows), dpi, rng.choice(_YELLOWS))
    face, pt = rng.choice(((MONO, 10), (MONO, 9.5), (SANS, 9.5)))
    y = label.lines(0.2, 0.24, list(rows), face=face, pt=pt)
    digits = "".join(char for char in rows[-1].partition("*")[2] if char.isdigit())
    code128(label, 0.35, y - 0.06, digits, 0.18, module=0.0135)
    return label


def rubbed(stamp: Sheet, rng: random.Random, broken: float) -> Pixels:
    """A stamp's ink as rubber leaves it: blotches without ink, uneven pressure."""
    ink = np.asarray(stamp.image).astype(np.float32)
    rows, cols = ink.shape[:2]
    chance = np.random.default_rng(rng.getrandbits(40))
    coarse = cv2.resize(chance.random((max(2, rows // 14), max(2, cols // 14)), np.float32),
                        (cols, rows), interpolation=cv2.INTER_CUBIC)  # fmt: skip
    fine = cv2.GaussianBlur(chance.random((rows, cols), np.float32), (0, 0), 1.0)
    lost = np.clip((coarse * 0.5 + fine * 0.6 - (0.78 - broken * 0.35)) * 6, 0, 0.9)[..., None]
    return np.clip(ink + (255 - ink) * lost, 0, 255).astype(np.uint8)


def press(sheet: Sheet, ink: Pixels, x: float, y: float, angle: float) -> None:
    """Press a stamp's ink (white is none) on the sheet."""
    turned = np.asarray(Image.fromarray(ink).rotate(angle, Image.Resampling.BICUBIC, expand=True,
                                                    fillcolor=(255, 255, 255)))  # fmt: skip
    left, top = sheet.px(x), sheet.px(y)
    wide = min(turned.shape[1], sheet.image.width - left)
    tall = min(turned.shape[0], sheet.image.height - top)
    under = np.asarray(sheet.image.crop((left, top, left + wide, top + tall))).astype(np.uint16)
    mixed = (under * turned[:tall, :wide] // 255).astype(np.uint8)
    sheet.image.paste(Image.fromarray(mixed), (left, top))


def _stamp(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    """RETURN TO SENDER and the one reason, framed or not, aslant."""
    color = rng.choice(_STAMP_INKS)
    rows = ["RETURN TO SENDER", *_lines(facts.text)]
    stamp = Sheet(3.6, 0.35 + 0.27 * len(rows), sheet.dpi)
    if rng.random() < 0.6:
        stamp.box(0.04, 0.04, 3.5, 0.25 + 0.27 * len(rows), pt=1.6, outline=color)
    for row, text in enumerate(rows):
        face = BOLD if row == 0 else rng.choice((BOLD, SANS))
        pt = 15 if row == 0 else min(13, 330 / len(text))
        stamp.text(1.8, 0.34 + 0.27 * row, text, face=face, pt=pt, fill=color, anchor="m")
    press(sheet, rubbed(stamp, rng, rng.uniform(0, 0.5)), 5.0, 2.1, rng.uniform(-8, 8))


def _ticked(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    """A stamp with a list of reasons and boxes, one of them ticked by pen."""
    color = rng.choice(_STAMP_INKS)
    others = [key for key, texts in TEXTS.items()
              if key not in {facts.reason, "new_address"} and len(texts[0]) < 30]  # fmt: skip
    rows = [(key, TEXTS[key][0]) for key in rng.sample(others, 4)]
    rows.insert(rng.randrange(5), (facts.reason, facts.text))
    stamp = Sheet(4.2 if len(facts.text) > 40 else 3.4, 1.72, sheet.dpi)
    stamp.box(0.04, 0.04, stamp.width - 0.1, 1.62, pt=1.6, outline=color)
    stamp.text(1.65, 0.3, "RETURN TO SENDER", face=BOLD, pt=15, fill=color, anchor="m")
    where = 0.0
    for row, (key, text) in enumerate(rows):
        y = 0.57 + row * 0.22
        stamp.box(0.2, y - 0.11, 0.12, 0.12, outline=color)
        stamp.text(0.42, y, text, pt=9.5 if len(text) < 40 else 7.5, fill=color)
        where = y if key == facts.reason else where
    ink = Sheet(stamp.width, stamp.height, sheet.dpi)
    ink.image = Image.fromarray(rubbed(stamp, rng, rng.uniform(0, 0.3)))
    ink = from_array(np.asarray(ink.image), sheet.dpi)
    ink.scribble([(0.17, where - 0.08), (0.25, where), (0.44, where - 0.2)], 2.0, BLACK_INK)
    press(sheet, np.asarray(ink.image), 5.0, 1.9, rng.uniform(-4, 4))


def _written(sheet: Sheet, facts: Facts, rng: random.Random) -> None:
    hand = random_hand(rng, rng.choice(TUNE_FACES))
    write(sheet, rng, hand, 4.9, 2.5, facts.written, size=1.7, fit=3.9)
    if facts.mark == "opened":
        tape(sheet, rng)


def tape(sheet: Sheet, rng: random.Random) -> None:
    """A strip of tape along the edge that was opened."""
    strip = Sheet(0.7, 3.6, sheet.dpi, (226, 224, 206))
    under = sheet.image.crop((sheet.px(8.7), sheet.px(0.2), sheet.px(9.4), sheet.px(3.8)))
    strip.image = Image.blend(under.resize(strip.image.size), strip.image, 0.4)
    sheet.image.paste(strip.image, (sheet.px(8.7), sheet.px(0.2)))
    del rng
