"""Envelopes with a barcode, drawn, then spoiled as scanners, pens and post office labels do."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bench.imb.encoders import Rectangle
from intake.types import Pixels
from web.demo.fonts import BOLD, MONO, SANS
from web.demo.sheet import Sheet
from web.demo.symbols import code128

_PAPER = 246
_OVER = 4
_STREETS = ("Elm St", "W 4th Ave Apt 12", "Old Mill Rd", "N 123rd Ave Unit 7", "Illinois Blvd")
_NAMES = ("JILL M WILLIAMS", "R T HILL", "MARIA LOPEZ", "WILLIAM L LITTLE", "ANNE OKAFOR")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page, and where the barcode's bars stand on it: x, y, width, height in inches."""

    page: Pixels
    place: Rectangle


Spoil = Callable[[Drawn, int, random.Random], Pixels]


def envelope(bars: Sequence[Rectangle], dpi: int, chance: random.Random) -> Drawn:
    """A number 10 envelope, the barcode in its window or by its address, at whole-page gray."""
    sheet = Sheet(9.5, 4.125, dpi, (_PAPER, _PAPER, _PAPER))
    sheet.lines(0.45, 0.42, ["NORTH DENTAL GROUP", "PO BOX 4411", "SPOKANE WA 99201"],
                face=BOLD, pt=8)  # fmt: skip
    sheet.text(0.45, 1.05, "RETURN SERVICE REQUESTED", pt=7)
    sheet.box(7.95, 0.25, 1.2, 0.85, pt=0.8)
    rows = ["PRESORTED", "FIRST-CLASS MAIL", "US POSTAGE PAID", "PERMIT NO 412"]
    sheet.lines(8.55, 0.42, rows, pt=7, anchor="m")
    x, y = chance.choice(((0.95, 1.95), (4.1, 1.9), (4.9, 2.6)))
    x, y = x + chance.uniform(-0.1, 0.1), y + chance.uniform(-0.1, 0.1)
    face, pt = chance.choice(((MONO, 10.5), (SANS, 10), (SANS, 8)))
    town = f"SPOKANE WA {chance.randrange(99001, 99999)}-{chance.randrange(1000, 9999)}"
    number = f"{chance.randrange(10, 9999)} "
    block = [chance.choice(_NAMES), (number + chance.choice(_STREETS)).upper(), town]
    sheet.lines(x, y + 0.36, block, face=face, pt=pt)
    page = np.ascontiguousarray(np.asarray(sheet.image)[:, :, 0], np.uint8)
    if bars:
        _paint(page, bars, x, y, dpi, chance.randrange(15, 70))
    width = max((bar[0] + bar[2] for bar in bars), default=2.9)
    height = max((bar[1] + bar[3] for bar in bars), default=0.145)
    return Drawn(page, (x, y, width, height))


def _paint(page: Pixels, bars: Sequence[Rectangle], x: float, y: float, dpi: int, ink: int) -> None:
    """Bars to a quarter of a pixel, as a scanner's cells see them."""
    unit = dpi * _OVER
    left, top = int(x * dpi) - 2, int(y * dpi) - 2
    wide = int(max(bar[0] + bar[2] for bar in bars) * dpi) + 8
    tall = int(max(bar[1] + bar[3] for bar in bars) * dpi) + 8
    big = np.zeros((tall * _OVER, wide * _OVER), np.float32)
    for bx, by, bw, bh in bars:
        first, last = round((x + bx) * unit), round((x + bx + bw) * unit)
        upper, lower = round((y + by) * unit), round((y + by + bh) * unit)
        big[upper - top * _OVER : lower - top * _OVER,
            first - left * _OVER : last - left * _OVER] = 1.0  # fmt: skip
    share = cv2.resize(big, (wide, tall), interpolation=cv2.INTER_AREA)
    part = page[top : top + tall, left : left + wide]
    part[:] = np.round(part * (1 - share) + ink * share).astype(np.uint8)


def turned(page: Pixels, degrees: float) -> Pixels:
    """Turned by any angle, the sheet made large enough."""
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(width * cos + height * sin), int(width * sin + height * cos))
    matrix[0, 2] += (size[0] - width) / 2
    matrix[1, 2] += (size[1] - height) / 2
    return np.asarray(
        cv2.warpAffine(page, matrix, size, flags=cv2.INTER_LINEAR, borderValue=_PAPER), np.uint8
    )


def _blurred(page: Pixels, dpi: int, inches: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), max(0.3, inches * dpi)), np.uint8)


def _noisy(page: Pixels, spread: float, chance: random.Random) -> Pixels:
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, spread, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def _scan(drawn: Drawn, dpi: int, chance: random.Random) -> Pixels:
    page = turned(drawn.page, chance.uniform(-1.5, 1.5))
    return _noisy(_blurred(page, dpi, 0.0025), 5, chance)


def _bitonal(level: int) -> Spoil:
    def spoil(drawn: Drawn, dpi: int, chance: random.Random) -> Pixels:
        page = _blurred(turned(drawn.page, chance.uniform(-1, 1)), dpi, 0.0022)
        return np.where(_noisy(page, 6, chance) > level, 255, 0).astype(np.uint8)

    return spoil


def _jpeg(drawn: Drawn, dpi: int, chance: random.Random) -> Pixels:
    _, data = cv2.imencode(".jpg", _scan(drawn, dpi, chance), [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _pen(strokes: int, thick: float) -> Spoil:
    """Strokes across the barcode, ``thick`` inches wide."""

    def spoil(drawn: Drawn, dpi: int, chance: random.Random) -> Pixels:
        page, (x, y, wide, tall) = drawn.page.copy(), drawn.place
        for _ in range(strokes):
            start = (x + chance.uniform(0, wide), y - chance.uniform(0.05, 0.4))
            end = (start[0] + chance.uniform(-0.6, 0.6), y + tall + chance.uniform(0.05, 0.4))
            points = [(round(px * dpi), round(py * dpi)) for px, py in (start, end)]
            cv2.line(page, points[0], points[1], chance.randrange(30, 90),
                     max(1, round(thick * dpi)), cv2.LINE_AA)  # fmt: skip
        return _scan(Drawn(page, drawn.place), dpi, chance)

    return spoil


def _label(share: float, side: str) -> Spoil:
    """The post office's label stuck over a share of the bars, text and all."""

    def spoil(drawn: Drawn, dpi: int, chance: random.Random) -> Pixels:
        page, (x, y, wide, _) = drawn.page.copy(), drawn.place
        label = Sheet(4.0, 1.4, dpi, (226, 226, 226))
        rows = ("NIXIE      992  DE 1      00" + f"{chance.randrange(1, 12):02d}/14/26",
                "RETURN TO SENDER", "ATTEMPTED - NOT KNOWN", "UNABLE TO FORWARD",
                f"BC: 99201441111      *{chance.randrange(1000, 9999)}-04821-30-44")  # fmt: skip
        bottom = label.lines(0.2, 0.24, list(rows), face=MONO, pt=10)
        code128(label, 0.35, bottom - 0.04, f"{chance.randrange(10**12, 10**13)}", 0.22)
        ink = np.asarray(label.image)[:, :, 0]
        top = y - chance.uniform(0.15, 1.1)
        edge = {"right": x + (1 - share) * wide, "left": x + share * wide - 4.0,
                "middle": x + (0.5 - share / 2) * wide}[side]  # fmt: skip
        if side == "middle":
            ink = ink[:, : round(share * wide * dpi)]
        left, up = round(edge * dpi), round(top * dpi)
        from_x, from_y = max(0, -left), max(0, -up)
        part = page[max(0, up) : up + ink.shape[0], max(0, left) : left + ink.shape[1]]
        part[:] = ink[from_y : from_y + part.shape[0], from_x : from_x + part.shape[1]]
        return _scan(Drawn(page, drawn.place), dpi, chance)

    return spoil


UNOBSTRUCTED: Mapping[str, Spoil] = {
    "clean": lambda d, _dpi, _c: d.page,
    "scan": _scan,
    "skew": lambda d, dpi, c: _scan(Drawn(turned(d.page, c.uniform(4, 8)), d.place), dpi, c),
    "blur": lambda d, dpi, c: _noisy(_blurred(d.page, dpi, 0.005), 4, c),
    "blur+": lambda d, dpi, c: _noisy(_blurred(d.page, dpi, 0.007), 4, c),
    "noise": lambda d, dpi, c: _noisy(_blurred(d.page, dpi, 0.002), 18, c),
    "bitonal": _bitonal(140),
    "bitonal light": _bitonal(95),
    "bitonal dark": _bitonal(195),
    "upside down": lambda d, dpi, c: np.ascontiguousarray(_scan(d, dpi, c)[::-1, ::-1]),
    "on its side": lambda d, dpi, c: np.ascontiguousarray(np.rot90(_scan(d, dpi, c))),
    "any angle": lambda d, _dpi, c: _noisy(turned(d.page, c.uniform(0, 360)), 5, c),
    "jpeg": _jpeg,
}
"""Nothing over the bars: what may be read without a list of what was mailed."""

OBSTRUCTED: Mapping[str, Spoil] = {
    "pen": _pen(1, 0.02),
    "felt pen": _pen(3, 0.05),
    **{
        f"label {round(100 * share)} % {side}": _label(share, side)
        for share in (0.3, 0.5, 0.7)
        for side in ("left", "right", "middle")
    },
}
"""Something over the bars."""


def decoy(number: int, dpi: int, chance: random.Random) -> tuple[str, Pixels]:
    """A page with bars or type that is no Intelligent Mail barcode, scanned."""
    kinds = ("decoy: random bars", "decoy: envelope", "decoy: POSTNET", "decoy: text",
             "decoy: label")  # fmt: skip
    kind = kinds[number % len(kinds)]
    if kind == "decoy: text":
        sheet = Sheet(9.5, 4.125, dpi, (_PAPER, _PAPER, _PAPER))
        for row in range(16):
            words = " ".join(chance.choice(("ill", "will", "1111", "little", "Hill", "I", "fill",
                                            "lift", "till")) for _ in range(20))  # fmt: skip
            sheet.text(0.4, 0.5 + 0.2 * row, words, face=SANS, pt=chance.choice((6, 7, 9)))
        made = Drawn(np.ascontiguousarray(np.asarray(sheet.image)[:, :, 0]), (1, 1, 1, 0.1))
    elif kind == "decoy: random bars":
        made = envelope(_bars("TADF", 65, chance), dpi, chance)
    elif kind == "decoy: POSTNET":
        made = envelope(_bars("DF", 62, chance), dpi, chance)
    else:
        made = envelope([], dpi, chance)
        if kind == "decoy: label":
            return kind, _label(0.5, "right")(made, dpi, chance)
    return kind, _scan(made, dpi, chance)


def _bars(letters: str, count: int, chance: random.Random) -> list[Rectangle]:
    """A row of random bars in the standard's sizes."""
    made = []
    for place in range(count):
        bar = chance.choice(letters)
        up, down = (0.0485 if bar in "AF" else 0.0), (0.0485 if bar in "DF" else 0.0)
        made.append((place / 22, 0.0485 - up, 0.02, 0.048 + up + down))
    return made
