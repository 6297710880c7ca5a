"""Drawn MICR strips spoiled as printers, scanners and phones spoil them, with true positions.

Everything comes from the E-13B geometry in ``ocr.e13b``: no real check is used, and no font.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.e13b import PITCH_HALF_UNITS, SYMBOLS, drawing
from ocr.micr_ctc import MARGIN_ROWS, ROWS, UNIT
from ocr.micr_line import ink_strength

Floats = NDArray[np.float32]
_FINE = 8
_COARSE = 3  # pixels per half-unit of the picture that is spoiled
_ABOVE = 12  # half-units of paper drawn above and below the digits
_HALF_UNIT_INCH = 0.0065


@dataclass(frozen=True, slots=True)
class Drawn:
    """A strip (32 rows, ink 0 to 1), its symbols (index in SYMBOLS) and right edges in pixels.

    ``likeness`` is how well each symbol still correlates with its clean print: a symbol that the
    spoiling wiped out must not be taught, or the net learns to guess.
    """

    strip: Floats
    symbols: tuple[int, ...]
    rights: tuple[float, ...]
    likeness: tuple[float, ...]


@cache
def _cell(symbol: str, gain: float) -> Floats:
    fine = drawing(symbol, gain)
    return np.asarray(
        cv2.resize(
            fine, None, fx=_COARSE / _FINE, fy=_COARSE / _FINE, interpolation=cv2.INTER_AREA
        ),
        np.float32,
    )


def _digits(random: np.random.Generator, least: int, most: int) -> str:
    count = int(random.integers(least, most + 1))
    if random.random() < 0.2:  # runs of one digit are common: zeros, repeated branch numbers
        return str(random.integers(0, 10)) * count
    zeros = int(random.integers(0, count)) if random.random() < 0.3 else 0
    return "0" * zeros + "".join(str(d) for d in random.integers(0, 10, count - zeros))


def _blanks(random: np.random.Generator, most: int = 3) -> str:
    return " " * int(random.integers(0, most + 1))


def _on_us(random: np.random.Generator) -> str:
    text = _digits(random, 4, 13)
    if random.random() < 0.35:
        cut = int(random.integers(1, len(text)))
        text = text[:cut] + random.choice(["D", " ", "D", "  "]) + text[cut:]
    return text


def line_text(random: np.random.Generator) -> str:
    """A line in one of the layouts in use (personal, business, Canadian, postal) or at random."""
    kind = random.random()
    between = _blanks(random)
    transit = f"A{_digits(random, 9, 9)}A"
    if random.random() < 0.1:
        transit = f"A{_digits(random, 4, 4)}D{_digits(random, 4, 4)}A"
    tail = f"B{_digits(random, 10, 10)}B" if random.random() < 0.4 else ""
    if kind < 0.2:
        return f"{transit}{between}{_on_us(random)}C{between}{_digits(random, 2, 6)} {tail}"
    if kind < 0.35:
        serial = _digits(random, 3, 6)
        return f"{transit}{between}{serial}{random.choice(['D', ' ', '  '])}{_on_us(random)}C{tail}"
    if kind < 0.55:
        serial = _digits(random, 4, 10)
        return f"C{serial}C{between}{transit}{between}{_on_us(random)}C{between}{tail}"
    if kind < 0.65:
        canada = f"A{_digits(random, 5, 5)}D{_digits(random, 3, 3)}A"
        return f"C{_digits(random, 3, 6)}C{between}{canada}{between}{_on_us(random)}C{tail}"
    if kind < 0.7:
        return f"A00000{_digits(random, 4, 4)}A{between}{_digits(random, 10, 11)}C"
    symbols = [*SYMBOLS, " ", "A", "B", "C", "D", "D"]
    return "".join(random.choice(symbols) for _ in range(int(random.integers(6, 20))))


def _compose(text: str, random: np.random.Generator) -> tuple[Floats, list[int], list[float]]:
    """The clean line at 3 pixels a half-unit, its symbols and right edges."""
    pitch = PITCH_HALF_UNITS * _COARSE
    gain = float(random.choice([-0.7, -0.5, -0.3, -0.1, 0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.2]))
    uneven = float(random.choice([0.0, 0.1, 0.3]))
    jitter = float(random.choice([0.1, 0.3, 0.7])) * _COARSE
    lift = float(random.choice([0.1, 0.3, 0.9])) * _COARSE
    x = random.uniform(0.3, 3.0) * pitch
    symbols: list[int] = []
    rights: list[float] = []
    spots: list[tuple[str, float, int, int]] = []
    for char in text:
        x += pitch if char != " " else pitch * random.uniform(0.85, 1.15)
        if char == " ":
            continue
        own = round(float(np.clip(gain + random.normal(0, uneven), -0.8, 1.3)), 1)
        right = round(x + float(np.clip(random.normal(0, jitter), -2.4 * _COARSE, 2.4 * _COARSE)))
        top = round((_ABOVE - 1) * _COARSE + random.normal(0, lift))
        spots.append((char, own, right, top))
        symbols.append(SYMBOLS.index(char))
        rights.append(float(right))
    width = round(x + random.uniform(0.1, 3.0) * pitch)
    picture = np.zeros(((18 + 2 * _ABOVE) * _COARSE, width), np.float32)
    for char, own, right, top in spots:
        cell = _cell(char, own)
        stop = min(width, right + _COARSE)
        start = max(0, right + _COARSE - cell.shape[1])
        drawn = cell[:, cell.shape[1] - (right + _COARSE - start) :][:, : stop - start]
        area = picture[max(0, top) : top + cell.shape[0], start:stop]
        np.maximum(area, drawn[: area.shape[0]], out=area)
    return picture, symbols, rights


def _uneven_ink(picture: Floats, random: np.random.Generator) -> Floats:
    """Strokes wider one way than the other, voids inside strokes, specks beside them."""
    if random.random() < 0.2:
        wide = (1, int(random.integers(2, 4))) if random.random() < 0.5 else (2, 1)
        change = cv2.dilate if random.random() < 0.5 else cv2.erode
        picture = np.asarray(change(picture, np.ones(wide, np.uint8)), np.float32)
    if random.random() < 0.4:
        grain = random.normal(0, 1, (picture.shape[0] // 3, picture.shape[1] // 3))
        soft = cv2.GaussianBlur(grain.astype(np.float32), (0, 0), random.uniform(0.6, 2.0))
        soft = cv2.resize(soft, (picture.shape[1], picture.shape[0]))
        level = float(np.quantile(soft[::4, ::4], random.uniform(0.0, 0.2)))
        picture = np.where(soft < level, picture * random.uniform(0, 0.6), picture)
        if random.random() < 0.3:
            high = float(np.quantile(soft[::4, ::4], random.uniform(0.975, 1.0)))
            picture = np.where(soft > high, 1.0, picture)
    return np.asarray(picture, np.float32)


def _clutter(picture: Floats, random: np.random.Generator) -> None:
    """Signature strokes, rules, borders and other type over or beside the line."""
    height, width = picture.shape
    for _ in range(int(random.integers(0, 3))):
        points = random.uniform(0, 1, (4, 1)) * [[random.uniform(0.05, 0.5) * width, height]]
        points[:, 0] = random.uniform(0, width) + np.sort(random.normal(0, 80, 4))
        points[:, 1] = random.uniform(-0.2, 1.2, 4) * height
        times = np.linspace(0, 1, 20)[:, None]
        back = 1 - times
        curve = (
            back**3 * points[0] + 3 * back**2 * times * points[1]
            + 3 * back * times**2 * points[2] + times**3 * points[3]
        )  # fmt: skip
        pen = int(random.integers(2, 8))
        shade = random.uniform(0.5, 1.0)
        cv2.polylines(
            picture,
            [curve.astype(np.int32)],
            isClosed=False,
            color=shade,
            thickness=pen,
            lineType=cv2.LINE_AA,
        )
    if random.random() < 0.35:  # a rule, or the border of the check
        y = int(random.uniform(0, 1) * height)
        if random.random() < 0.8:  # mostly clear of the digits
            y = y % (9 * _COARSE) if random.random() < 0.5 else height - 1 - y % (9 * _COARSE)
        tilt = int(random.normal(0, 6))
        thick = int(random.integers(1, 9))
        cv2.line(picture, (0, y), (width, y + tilt), random.uniform(0.5, 1.0), thick)
    if random.random() < 0.15:
        x = int(random.integers(0, width))
        cv2.line(picture, (x, 0), (x + 3, height), 1.0, int(random.integers(2, 14)))
    if random.random() < 0.25:
        letters = "".join(random.choice(list("aegrstKRMWABC0123456789/$.,-")) for _ in range(6))
        sheet = np.zeros(picture.shape, np.uint8)
        low = random.random() < 0.3
        at = (int(random.integers(-20, width)), height * 3 // 4 if low else int(9 * _COARSE))
        size = random.uniform(0.7, 2.4)
        cv2.putText(sheet, letters, at, int(random.integers(0, 8)), size, 255, 4)
        np.maximum(picture, sheet.astype(np.float32) / 255, out=picture)


def _paper(shape: tuple[int, int], random: np.random.Generator) -> Floats:
    """A background 0 (white) to about 0.4: waves, dots or shading."""
    yy, xx = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    kind = random.integers(0, 4)
    angle, period = random.uniform(0, np.pi), random.uniform(1.5, 25.0)
    along = xx * np.cos(angle) + yy * np.sin(angle)
    if kind == 0:
        wave = np.sin(along * (2 * np.pi / period))
    elif kind == 1:
        wave = np.sin(along * (2 * np.pi / period) + 2.5 * np.sin(yy / random.uniform(4, 20)))
    elif kind == 2:
        wave = np.sin(xx * (2 * np.pi / period)) * np.sin(yy * (2 * np.pi / period))
        wave = np.where(wave > 0.5, 1.0, -1.0)
    else:
        wave = 2 * along / max(1.0, float(np.abs(along).max())) - 1
    return np.asarray((wave + 1) * 0.5 * random.uniform(0.02, 0.3), np.float32)


def _scanned(ink: Floats, step: float, random: np.random.Generator) -> Floats:
    """One scan of ``ink`` (coarse pixels) at ``step`` pixels a half-unit: ink 0 to 1."""
    # At least the softness of the optics; the rest as poor focus and coarse toner leave it.
    sigma = _COARSE * random.choice([0.25, 0.4, 0.6, 0.8, 1.1])
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.float32)
    factor = step / _COARSE
    ink = np.asarray(cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    if random.random() < 0.15:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), random.uniform(0.6, 1.9)), np.float32)
    how = random.random()
    if how < 0.45:
        return _bitonal(ink, random)
    depth = random.uniform(0.35, 0.95)
    paper = random.uniform(0.6, 1.0)
    shade = _paper((ink.shape[0], ink.shape[1]), random) if random.random() < 0.6 else 0.0
    light = paper * (1 - np.maximum(ink * depth, shade))
    noise = random.normal(0, random.choice([0.0, 0.01, 0.02, 0.05]), ink.shape)
    gray = np.asarray(np.clip(255 * (light + noise), 0, 255), np.uint8)
    if random.random() < 0.5:
        quality = int(random.integers(12, 80))
        _, stored = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])
        gray = np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
    if how < 0.6:
        block = int(random.integers(5, 20)) * 2 + 1
        method = cv2.ADAPTIVE_THRESH_MEAN_C if how < 0.53 else cv2.ADAPTIVE_THRESH_GAUSSIAN_C
        less = int(random.integers(4, 20))
        black = cv2.adaptiveThreshold(gray, 255, method, cv2.THRESH_BINARY_INV, block, less)
        return np.asarray(black / 255, np.float32)
    if how < 0.67:
        black = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
        return np.asarray(black / 255, np.float32)
    guess = step / _HALF_UNIT_INCH * random.uniform(0.6, 1.6)
    return np.asarray(ink_strength(gray, guess) / 255, np.float32)


def _bitonal(ink: Floats, random: np.random.Generator) -> Floats:
    """Black and white with ragged edges, dropouts and specks."""
    grain = np.asarray(random.normal(0, 1, ink.shape), np.float32)
    rough = cv2.GaussianBlur(grain, (0, 0), random.choice([0.5, 0.8, 1.2]))
    black = ink + rough * random.uniform(0, 0.28) > random.uniform(0.22, 0.72)
    drop = random.choice([0.0, 0.0, 0.0, 0.02, 0.06])
    speck = random.choice([0.0, 0.0, 0.0, 0.003, 0.015])
    chance = random.random(ink.shape)
    black = (black & (chance >= drop)) | (chance > 1 - speck)
    return np.asarray(black, np.float32)


def draw(random: np.random.Generator, cells: float = 13.0) -> Drawn:
    """One strip ``cells`` pitches wide, cut at random from a spoiled line."""
    clean, symbols, rights = _compose(line_text(random), random)
    picture = _uneven_ink(clean.copy(), random)
    if random.random() < 0.4:
        _clutter(picture, random)
    width = round(cells * PITCH_HALF_UNITS * UNIT)
    # The cut: the line finder is off by some scale, slope, height and shear.
    across = _COARSE / UNIT * random.normal(1, 0.03)
    down = _COARSE / UNIT * random.normal(1, 0.04)
    slope, shear = random.normal(0, 0.008), random.normal(0, 0.02)
    spare = picture.shape[1] / across - width
    start = random.uniform(min(0.0, spare), max(0.0, spare)) * across
    top = (_ABOVE + random.normal(0, 0.7)) * _COARSE - MARGIN_ROWS * down - slope * width * 0.5
    dpi = float(random.choice([80, 90, 100, 120, 150, 170, 200, 200, 200, 240, 300]))
    step = dpi * random.uniform(0.95, 1.05) * _HALF_UNIT_INCH
    picture, clean = _curved(picture, clean, random)
    ink = _scanned(picture, step, random)
    if random.random() < 0.06:  # the strip is cut at the top or the foot
        rows = int(ink.shape[0] * random.uniform(0.2, 0.36))
        (ink[:rows] if random.random() < 0.5 else ink[-rows:])[:] = 0
    scale_x, scale_y = picture.shape[1] / ink.shape[1], picture.shape[0] / ink.shape[0]
    to_ink = np.array(
        [[across / scale_x, shear / scale_x, start / scale_x],
         [slope / scale_y, down / scale_y, top / scale_y]], np.float64,
    )  # fmt: skip
    shrink = max(across / scale_x, down / scale_y)
    if shrink > 1.3:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.4 * shrink), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = np.asarray(cv2.warpAffine(ink, to_ink, (width, ROWS), flags=flags), np.float32)
    to_clean = np.array([[across, shear, start], [slope, down, top]], np.float64)
    clean = np.asarray(cv2.GaussianBlur(clean, (0, 0), 0.8 * _COARSE), np.float32)
    clean = np.asarray(cv2.warpAffine(clean, to_clean, (width, ROWS), flags=flags), np.float32)
    strip = np.clip(strip, 0, 1)
    placed = tuple((right - start) / across for right in rights)
    like = tuple(_likeness(strip, clean, right) for right in placed)
    return Drawn(strip, tuple(symbols), placed, like)


def _likeness(strip: Floats, clean: Floats, right: float) -> float:
    """Correlation of one symbol's cell with its clean print, 0 where either is blank."""
    stop = round(right) + 2
    start = max(0, stop - 21)
    if stop - start < 8 or start >= strip.shape[1]:
        return 0.0
    ours, wanted = strip[:, start:stop], clean[:, start:stop]
    ours, wanted = ours - ours.mean(), wanted - wanted.mean()
    norm = float(np.sqrt((ours**2).sum() * (wanted**2).sum()))
    return float((ours * wanted).sum()) / norm if norm > 1e-3 else 0.0


def _curved(picture: Floats, clean: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Both pictures bent a little, as a folded or hand-held check is."""
    if random.random() < 0.75:
        return picture, clean
    width = picture.shape[1]
    bend = random.normal(0, 1.0) * _COARSE
    wave = bend * np.sin(
        np.arange(width, dtype=np.float32) * (2 * np.pi / (width * random.uniform(0.6, 2.0)))
        + random.uniform(0, 6.28)
    )
    x = np.tile(np.arange(width, dtype=np.float32), (picture.shape[0], 1))
    y = np.arange(picture.shape[0], dtype=np.float32)[:, None] + wave[None, :]
    y = y.astype(np.float32)
    bent = [cv2.remap(one, x, y, cv2.INTER_LINEAR) for one in (picture, clean)]
    return np.asarray(bent[0], np.float32), np.asarray(bent[1], np.float32)
