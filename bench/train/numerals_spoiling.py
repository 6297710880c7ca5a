"""Spoils a drawn line of numerals as paper, scanners, cameras and the reader's own cleaning do."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.numerals_pens import DIGIT, Ink
from bench.train.numerals_texts import Random, chance

Floats = NDArray[np.float32]


def spoiled(ink: Ink, random: Random, *, least: float = 12.0) -> NDArray[np.uint8]:
    """The gray crop that a reader would get of the ink, figures ``least`` to 52 pixels high."""
    digit = float(np.clip(random.lognormal(np.log(24), 0.33), least, 52))
    width, height = (max(8, round(side * digit / DIGIT)) for side in ink.shape[::-1])
    small = np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    own = small.astype(np.float32)
    rules = _rules(own.shape, digit, random)
    junk = _neighbours(own.shape, digit, random)
    depth = float(random.uniform(80, 225))
    dark = np.maximum.reduce([own * depth, rules, junk]) / 255.0
    gray = _paper(own.shape, random) - dark
    gray = cv2.GaussianBlur(gray, (0, 0), float(random.uniform(0.25, 0.3 + 0.032 * digit)))
    gray += random.normal(0, float(random.uniform(0, 9)), gray.shape).astype(np.float32)
    page = _captured(np.clip(gray, 0, 255).astype(np.uint8), digit, random)
    if rules.any() and chance(random, 0.65):
        page = _erased(page, rules, own, random)
    return _cut(page, digit, random)


def _paper(shape: tuple[int, ...], random: Random) -> Floats:
    """Paper with uneven light and a security background."""
    height, width = shape
    paper = np.full(shape, float(random.uniform(185, 255)), np.float32)
    if chance(random, 0.4):
        paper += np.linspace(0, float(random.normal(0, 18)), width, dtype=np.float32)[None]
    if chance(random, 0.35):
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        wave = np.sin(x * random.uniform(0.05, 1.2) + y * random.uniform(-1.2, 1.2)
                      + 2 * np.sin(y * random.uniform(0.02, 0.3)))  # fmt: skip
        paper -= np.float32(random.uniform(3, 30)) * (0.5 + 0.5 * wave).astype(np.float32)
    return paper


def _rules(shape: tuple[int, ...], digit: float, random: Random) -> Floats:
    """Darkness of the rule that people write on, and of the box about it."""
    height, width = shape
    rules = np.zeros(shape, np.uint8)
    side = digit / 2
    pen = max(1, round(digit * float(random.uniform(0.02, 0.1))))
    if chance(random, 0.35):
        y = height - side + digit * float(random.normal(0.0, 0.13))
        tilt = float(random.normal(0, 0.01)) * width
        cv2.line(rules, (0, round(y - tilt)), (width, round(y + tilt)), 255.0, pen)
    if chance(random, 0.2):
        y = side + digit * float(random.normal(-0.3, 0.12))
        cv2.line(rules, (0, round(y)), (width, round(y)), 255.0, pen)
    for x in (float(random.uniform(0, 0.6)) * side, width - float(random.uniform(0, 0.6)) * side):
        if chance(random, 0.12):
            thick = pen if chance(random, 0.7) else round(side)
            cv2.line(rules, (round(x), 0), (round(x), height), 255.0, thick)
    return rules.astype(np.float32) * float(random.uniform(50, 200))


def _neighbours(shape: tuple[int, ...], digit: float, random: Random) -> Floats:
    """Darkness of stray strokes, specks, and the feet or heads of lines above and below."""
    height, width = shape
    junk = np.zeros(shape, np.uint8)
    pen = max(1, round(digit * 0.08))
    if chance(random, 0.06):
        points = random.uniform(0, 1, (4, 2)) * [width, height]
        points[:, 1] = points[0, 1] + (points[:, 1] - points[0, 1]) * 0.25
        points[:, 0] = points[0, 0] + (points[:, 0] - points[0, 0]) * 0.4
        cv2.polylines(junk, [points.astype(np.int32)], isClosed=False, color=255.0, thickness=pen,
                      lineType=cv2.LINE_AA)  # fmt: skip
    for edge in (0, height):
        if not chance(random, 0.13):
            continue
        x = float(random.uniform(-1, 0.8)) * width
        for _ in range(int(random.integers(2, 9))):
            reach = digit * float(random.uniform(0.1, 0.28)) * (1 if edge == 0 else -1)
            lean = digit * float(random.uniform(-0.1, 0.1))
            cv2.line(junk, (round(x), edge), (round(x + lean), round(edge + reach)), 255.0, pen)
            x += digit * float(random.uniform(0.2, 0.6))
    if chance(random, 0.2):
        for _ in range(int(random.integers(1, 12))):
            x, y = int(random.integers(width)), int(random.integers(height))
            junk[y : y + 1 + int(digit > 24), x : x + 1 + int(random.integers(2))] = 255
    return junk.astype(np.float32) * float(random.uniform(80, 220))


def _captured(gray: NDArray[np.uint8], digit: float, random: Random) -> NDArray[np.uint8]:
    """The page as a scanner stores it: gray, JPEG, or black and white in two ways."""
    form = random.random()
    if form < 0.38:
        return gray
    if form < 0.62:
        quality = int(random.integers(20, 85))
        stored = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
    if form < 0.86:
        block = round(digit * float(random.uniform(1.2, 3.5))) | 1
        mean = cv2.boxFilter(gray, -1, (block, block), borderType=cv2.BORDER_REPLICATE)
        level = np.clip(np.asarray(mean, np.float32) - float(random.uniform(12, 40)), 60, 215)
        white = gray >= level
    else:
        level = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[0] + random.uniform(-20, 20)
        white = gray >= level
    page = np.where(white, 255, 0).astype(np.uint8)
    return page if chance(random, 0.5) else np.asarray(cv2.blur(page, (2, 2)), np.uint8)


def _erased(page: NDArray[np.uint8], rules: Floats, own: Floats,
            random: Random) -> NDArray[np.uint8]:  # fmt: skip
    """The rules taken out again as the reader of checks does, with what that leaves and costs."""
    lines = cv2.dilate((rules > 0).astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    reach = int(random.integers(1, 10))
    beside = np.where(lines, 0, own).astype(np.uint8)
    crossing = cv2.morphologyEx(beside, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8)) > 110
    erase = lines & ~crossing
    if chance(random, 0.5):
        gaps = random.random(page.shape[1] // 6 + 1) < float(random.uniform(0.0, 0.3))
        erase &= ~np.repeat(gaps, 6)[: page.shape[1]][None]
    clean = page.copy()
    clean[erase] = np.percentile(page, 90)
    return clean


def _cut(page: NDArray[np.uint8], digit: float, random: Random) -> NDArray[np.uint8]:
    """The crop, too loose or too tight at each side; whitened at times."""
    side = digit / 2
    keep = [round(side * float(random.uniform(-0.12, 1.0))) if chance(random, 0.25)
            else round(side * float(random.uniform(0.1, 0.9))) for _ in range(4)]  # fmt: skip
    height, width = page.shape
    margin = round(side)
    left, right = max(0, margin - keep[0]), min(width, width - margin + keep[1])
    top, bottom = max(0, margin - keep[2]), min(height, height - margin + keep[3])
    crop = page[top:bottom, left:right]
    if chance(random, 0.45):
        paper = float(np.percentile(crop, 85))
        gain = 255.0 / max(40.0, paper - float(np.percentile(crop, 1)))
        strength = np.clip((paper - crop.astype(np.float32)) * gain, 0, 255)
        crop = np.clip((255 - strength) * (255 / 205), 0, 255).astype(np.uint8)
        size = 4 + int(random.integers(4))
        crop = np.pad(crop, size, constant_values=255)
    return np.asarray(crop, np.uint8)


def spoiled_gently(ink: Ink, random: Random, *, sides: float = 0.12) -> NDArray[np.uint8]:
    """The crop that the reader of checks itself cuts at 200 dpi: white paper, rules erased.

    A box's sides that were not erased stand beside the writing ``sides`` of the times, each,
    taller than figures.
    """
    digit = float(np.clip(random.lognormal(np.log(24), 0.2), 15, 40))
    width, height = (max(8, round(side * digit / DIGIT)) for side in ink.shape[::-1])
    own = np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    own = _with_sides(own, digit, random, sides)
    rules = _rules(own.shape, digit, random)
    strong = own.astype(np.float32)
    dark = np.maximum(strong * float(random.uniform(0.5, 0.95)), rules)
    gray = 250.0 - dark
    gray = cv2.GaussianBlur(gray, (0, 0), float(random.uniform(0.25, 0.25 + 0.016 * digit)))
    gray += random.normal(0, float(random.uniform(0, 5)), gray.shape).astype(np.float32)
    page = np.clip(gray, 0, 255).astype(np.uint8)
    if chance(random, 0.35):
        block = round(digit * float(random.uniform(1.6, 3.0))) | 1
        mean = cv2.boxFilter(page, -1, (block, block), borderType=cv2.BORDER_REPLICATE)
        level = np.clip(np.asarray(mean, np.float32) - 26, 80, 180)
        page = np.where(page >= level, 255, 0).astype(np.uint8)
    elif chance(random, 0.4):
        quality = int(random.integers(55, 90))
        stored = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        page = np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
    if rules.any() and chance(random, 0.9):
        page = _erased(page, rules, strong, random)
    return _whitened(page, random)


def _with_sides(own: Ink, digit: float, random: Random, often: float) -> Ink:
    """Box sides left or right of the writing, with room for them."""
    for edge in (0, 1):
        if not chance(random, often):
            continue
        room = round(digit * float(random.uniform(0.3, 2.5)))
        own = np.pad(own, ((0, 0), (room, 0) if edge == 0 else (0, room)))
        height, width = own.shape
        x = float(random.uniform(0, 0.5)) * room
        x = x if edge == 0 else width - 1 - x
        lean = float(random.normal(0, 0.06)) * height
        top = height * float(random.uniform(0.0, 0.2))
        bottom = height * float(random.uniform(0.8, 1.0))
        cv2.line(own, (round(x - lean), round(top)), (round(x + lean), round(bottom)), 255.0,
                 int(random.integers(1, 4)), cv2.LINE_AA)  # fmt: skip
    return own


def _whitened(page: NDArray[np.uint8], random: Random) -> NDArray[np.uint8]:
    """Paper made white and ink dark, cut about the writing with a white margin."""
    dark = page < 150
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    if not len(rows):
        return page
    page = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    peak = max(60.0, 250.0 - float(np.percentile(page, 1)))
    strength = np.clip((250.0 - page.astype(np.float32)) * (255.0 / peak), 0, 255)
    white = np.clip((255 - strength) * (255 / 205), 0, 255).astype(np.uint8)
    return np.pad(white, 4 + int(random.integers(4)), constant_values=255)
