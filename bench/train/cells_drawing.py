"""Draws one cell of a printed and scanned table and gives the crop that the reader would cut."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.train.cells_texts import some_cell
from bench.train.numerals_texts import Random, chance
from bench.train.printed_drawing import FACES
from ocr.cell_line import tidied
from ocr.lost_print import without_rules

Ink = NDArray[np.uint8]
Box = tuple[int, int, int, int]
USUAL = (
    "arimo", "tinos", "cousine", "arimo", "tinos", "cousine", "cutive-mono", "open-sans",
    "noto-sans", "carlito", "archivo-narrow", "pt-sans-narrow", "anonymous-pro",
    "libre-franklin", "source-sans-3", "ibm-plex-mono", "pt-mono", "pt-serif", "noto-serif",
    "gelasio",
)  # fmt: skip
"""Faces like those that tables are printed in; a face named twice is drawn twice as often."""
_MARGIN, _PAD = 44, 3
_SINGLE = 2  # times its size, a line is drawn at
_SIZES = (28, 36, 44, 54, 68, 90)  # faces are kept in these and scaled: opening one takes long
_LEAST_EM = 17.0  # pixels: smaller print is not to be read


@lru_cache(maxsize=4)
def faces(folders: tuple[Path, ...], names: tuple[str, ...]) -> tuple[Path, ...]:
    """Files of the faces in npm trees of @fontsource: regular and bold more often than italic."""
    found: list[Path] = []
    for name in names:
        for style in (
            "400-normal",
            "400-normal",
            "400-normal",
            "700-normal",
            "700-normal",
            "400-italic",
        ):
            places = [f / name / "files" / f"{name}-latin-{style}.woff2" for f in folders]
            found += [place for place in places if place.is_file()][:1]
    return tuple(found)


@lru_cache(maxsize=2200)
def _face(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size)


def cell(text: str, fonts: tuple[Path, ...], random: Random) -> Ink:
    """The crop of ``text`` as a table on a scanned page has it, gray, dark on white."""
    files = faces(fonts, USUAL if chance(random, 0.72) else FACES)
    file = files[int(random.integers(len(files)))]
    dpi = 200.0 if chance(random, 0.72) else 300.0
    if chance(random, 0.06):
        dpi = float(random.choice([150.0, 240.0]))
    points = float(np.clip(random.lognormal(np.log(8.0), 0.2), 5.8, 15))
    ink, box = _laid_out(text, file, max(_LEAST_EM, points * dpi / 72), random)
    laid, box = _printed(ink, box, random)
    page = _scanned(laid, dpi, random)
    high = float(box[3])
    if chance(random, 0.5):
        page = without_rules(page, high)
    return tidied(_cut(page, box, random))


def _word(text: str, file: Path, em: float, apart: float) -> Ink:
    """The ink of a line, 255 where it is, at twice its size, from its ascent to its descent."""
    size = min(_SIZES, key=lambda each: abs(each - _SINGLE * em))
    face = _face(file, size)
    apart *= size / (_SINGLE * em)
    rise, fall = face.getmetrics()
    wide = int(face.getlength(text or " ") + abs(apart) * len(text)) + 10
    picture = Image.new("L", (max(4, wide), rise + fall), 0)
    pen = ImageDraw.Draw(picture)
    x = 4.0
    if apart == 0.0:
        pen.text((x, 0), text, 255, face)
    else:
        for char in text:
            pen.text((x, 0), char, 255, face)
            x += face.getlength(char) + apart
    factor = _SINGLE * em / size
    drawn = cv2.resize(np.asarray(picture, np.uint8), None, fx=factor, fy=factor)
    return np.asarray(drawn, np.uint8)


def _laid_out(text: str, file: Path, em: float, random: Random) -> tuple[Ink, Box]:
    """The word with what may stand about it, at twice its size; and the box of its own ink."""
    apart = float(random.normal(0, 0.03)) * _SINGLE * em if chance(random, 0.15) else 0.0
    ink = _word(text, file, em, apart)
    squeeze = float(random.uniform(0.76, 1.04)) if chance(random, 0.35) else 1.0
    ink = np.asarray(
        cv2.resize(ink, (max(4, round(ink.shape[1] * squeeze)), ink.shape[0])), np.uint8
    )
    x, y, wide, high = cv2.boundingRect(ink)
    margin = _MARGIN * _SINGLE
    sheet = np.zeros((ink.shape[0] + 2 * margin, ink.shape[1] + 2 * margin), np.uint8)
    sheet[margin : margin + ink.shape[0], margin : margin + ink.shape[1]] = ink
    box = (margin + x, margin + y, max(2, wide), max(2, high))
    lead = float(random.uniform(1.0, 1.7)) * _SINGLE * em
    for down in (-lead, lead):
        if chance(random, 0.6):
            other = _word(some_cell(random), file, em, 0.0)
            left = margin + int(random.integers(-40, 41))
            _add(sheet, other, left, round(margin + down))
    for side in (-1, 1):
        if chance(random, 0.3):
            other = _word(some_cell(random), file, em, 0.0)
            gap = float(random.uniform(0.24, 1.5)) * _SINGLE * em
            own = cv2.boundingRect(other)
            before, after = box[0] - gap - own[2], box[0] + box[2] + gap
            _add(sheet, other, round((before if side < 0 else after) - own[0]), margin)
    _ruled(sheet, box, em, random)
    return (_spread(sheet, random) if chance(random, 0.35) else sheet), box


def _spread(sheet: Ink, random: Random) -> Ink:
    """The sheet with toner that runs wider than the letters were drawn, paler there."""
    reach = int(random.integers(3, 6))
    wider = cv2.dilate(sheet, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    share = float(random.uniform(0.15, 0.7))
    return np.asarray(cv2.addWeighted(sheet, 1 - share, wider, share, 0), np.uint8)


def _add(sheet: Ink, ink: Ink, left: int, top: int) -> None:
    """Lay ink on the sheet, in place, what is beyond its edges left out."""
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(sheet.shape[1], left + ink.shape[1]), min(sheet.shape[0], top + ink.shape[0])
    if x1 > x0 and y1 > y0:
        part = sheet[y0:y1, x0:x1]
        np.maximum(part, ink[y0 - top : y1 - top, x0 - left : x1 - left], out=part)


def _ruled(sheet: Ink, box: Box, em: float, random: Random) -> None:
    """Rules over, under and beside the word, in place."""
    x, y, wide, high = box
    thick = max(1, round(float(random.uniform(0.4, 1.4)) * em * _SINGLE / 12))
    shade = int(random.integers(120, 256))
    below, above, left, right = (random.uniform(0.12, 0.6, 4) * em * _SINGLE).round().astype(int)
    if chance(random, 0.2):
        at = y + high + int(below)
        sheet[at : at + thick] = shade
    if chance(random, 0.12):
        at = y - int(above)
        sheet[max(0, at - thick) : max(0, at)] = shade
    for edge in (x - int(left) - thick, x + wide + int(right)):
        if chance(random, 0.07):
            sheet[:, max(0, edge) : max(0, edge + thick)] = shade


def _printed(ink: Ink, box: Box, random: Random) -> tuple[NDArray[np.float32], Box]:
    """Darkness 0 to 1 at its own size, askew as the sheet lay; and the word's box there."""
    turn = np.deg2rad(float(np.clip(random.normal(0, 0.8), -2.2, 2.2)))
    lean = float(random.normal(0, 0.01))
    stretch = float(random.uniform(0.97, 1.03)) / _SINGLE
    size = round(ink.shape[1] / _SINGLE), round(ink.shape[0] / _SINGLE)
    middle = np.array([ink.shape[1] / 2, ink.shape[0] / 2])
    turned = np.array([[np.cos(turn), -np.sin(turn) + lean], [np.sin(turn), np.cos(turn)]]) * [
        [stretch], [1 / _SINGLE]]  # fmt: skip
    shift = np.array(size) / 2 + random.uniform(-0.5, 0.5, 2) - turned @ middle
    to_page = np.column_stack([turned, shift])
    soft = cv2.GaussianBlur(ink, (0, 0), 0.7)
    laid = np.asarray(cv2.warpAffine(soft, to_page, size), np.float32) / np.float32(255)
    x, y, wide, high = box
    corners = (
        np.array([[x, y], [x + wide, y], [x, y + high], [x + wide, y + high]]) @ turned.T + shift
    )
    low, most = corners.min(axis=0), corners.max(axis=0)
    left, top = int(np.floor(low[0])), int(np.floor(low[1]))
    return np.asarray(laid, np.float32), (
        left,
        top,
        int(np.ceil(most[0])) - left,
        int(np.ceil(most[1])) - top,
    )


def _scanned(ink: NDArray[np.float32], dpi: float, random: Random) -> Ink:
    """The sheet as a scanner stores it: gray, or black and white by one level for all of it."""
    unit = dpi / 200
    spread = float(random.triangular(0.25, 0.6, 1.15)) * unit
    depth = float(random.uniform(0.55, 1.0))
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), spread), np.float32)
    if chance(random, 0.25):  # toner that did not take everywhere
        grain = random.normal(0, 1, ink.shape).astype(np.float32)
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.8 * unit), np.float32)
        ink = ink * np.clip(1 - float(random.uniform(0.1, 0.6)) * np.abs(grain), 0, 1)
    paper = float(random.uniform(200, 255))
    if chance(random, 0.08):
        paper = float(random.uniform(150, 215))  # a shaded row
    black = paper * (1 - depth)
    gray = paper - (paper - black) * ink
    if chance(random, 0.06):
        _folded(gray, unit, random)
    gray += random.normal(0, float(random.triangular(1, 3, 13)), gray.shape).astype(np.float32)
    if chance(random, 0.3):
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), 0.4 * unit), np.float32)
    page = np.asarray(np.clip(gray, 0, 255), np.uint8)
    if chance(random, 0.45):
        quality = int(random.integers(30, 95))
        stored = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        page = np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
    if chance(random, 0.24):
        return page
    printed = ink[ink > 0.15]
    darkest = float(np.quantile(printed, 0.9)) if printed.size else 1.0
    dark = chance(random, 0.3)
    share = float(random.uniform(0.1, 0.3) if dark else random.triangular(0.16, 0.42, 0.74))
    level = min(paper - (paper - black) * darkest * share, paper - 14)
    bare = np.asarray(np.where(page >= level, 255, 0), np.uint8)
    specks = random.random(bare.shape) < float(random.choice([0, 0, 0.0005, 0.002]))
    return np.asarray(np.where(specks, 255 - bare, bare), np.uint8)


def _folded(gray: NDArray[np.float32], unit: float, random: Random) -> None:
    """A crease across the word, lighter or darker, in place."""
    high, wide = gray.shape
    down = int(random.integers(_MARGIN, max(_MARGIN + 1, high - _MARGIN)))
    end = down + int(random.integers(-6, 7))
    band = np.zeros((high, wide), np.float32)
    cv2.line(
        band, (0, down), (wide, end), 1.0, max(1, round(float(random.uniform(0.6, 2.5)) * unit))
    )
    band = np.asarray(cv2.GaussianBlur(band, (0, 0), 0.8 * unit), np.float32)
    gray += band * np.float32(random.choice([-1.0, 1.0]) * random.uniform(25, 110))


def _cut(page: Ink, box: Box, random: Random) -> Ink:
    """The word by the box that a page's engine gives, and the reader's pad around it."""
    x, y, wide, high = box
    sides = [int(v) for v in random.integers(-1, 3, 4)]
    if chance(random, 0.14):
        sides[1] += int(random.uniform(0, 0.5) * high)
    if chance(random, 0.14):
        sides[3] += int(random.uniform(0, 0.5) * high)
    top, left = max(0, y - sides[1] - _PAD), max(0, x - sides[0] - _PAD)
    return np.ascontiguousarray(
        page[top : y + high + sides[3] + _PAD, left : x + wide + sides[2] + _PAD]
    )
