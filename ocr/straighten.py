"""Pictures made straight: a photo at an angle made rectangular, a sheet laid askew turned level."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.micr_line import mask

_MOST_SLANT = 5.0  # degrees; lines less askew than that are found as they lie
_SLANT_SIDE = 500.0
_INKED = 96  # of 255: a pixel of the small picture that counts as ink
_MOST_POINTS = 6000  # of ink, enough to tell a slant by

Matrix = NDArray[np.float64]


def warped(whole: Pixels, to_page: Matrix, size: tuple[int, int]) -> Pixels:
    """The upright picture of ``size`` (width, height); beyond the page it is white paper."""
    step = float(np.sqrt(abs(np.linalg.det(to_page[:2, :2]))))
    source = whole
    if step > 1.2:
        source = np.asarray(cv2.GaussianBlur(whole, (0, 0), 0.35 * step), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if not to_page[2, :2].any():
        picture = cv2.warpAffine(source, to_page[:2] / to_page[2, 2], size, flags=flags,
                                 borderMode=cv2.BORDER_CONSTANT, borderValue=255.0)  # fmt: skip
        return np.asarray(picture, np.uint8)
    picture = cv2.warpPerspective(source, to_page, size, flags=flags,
                                  borderMode=cv2.BORDER_CONSTANT, borderValue=255.0)  # fmt: skip
    return np.asarray(picture, np.uint8)


def flattened_photo(whole: Pixels) -> tuple[Pixels, Matrix] | None:
    """A bright sheet on a darker table, seen at an angle, made rectangular; and the map back."""
    height, width = whole.shape
    scale = 700.0 / max(height, width)
    every = max(1, int(0.5 / scale))  # pixels skipped cost nothing, and the rest is softened
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(whole[::every, ::every], size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 3)
    _, bright = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    outline = max(contours, key=cv2.contourArea)
    share = cv2.contourArea(outline) / bright.size
    if not 0.12 <= share <= 0.97:
        return None
    hull = cv2.convexHull(outline)
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(corners) != 4:
        corners = cv2.boxPoints(cv2.minAreaRect(hull)).reshape(-1, 1, 2)
    points = np.asarray(corners, np.float64).reshape(4, 2) / scale
    order = np.argsort(np.arctan2(*(points - points.mean(axis=0)).T[::-1]))
    points = points[order]  # top left, top right, bottom right, bottom left
    across = max(np.hypot(*(points[1] - points[0])), np.hypot(*(points[2] - points[3])))
    down = max(np.hypot(*(points[3] - points[0])), np.hypot(*(points[2] - points[1])))
    if min(across, down) < 60:
        return None
    size = (round(across), round(down))
    flat = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    to_photo = cv2.getPerspectiveTransform(flat, points.astype(np.float32))
    matrix = np.asarray(to_photo, np.float64)
    return warped(whole, matrix, size), matrix


def levelled(whole: Pixels, strength: Pixels) -> tuple[Pixels, Matrix] | None:
    """The page turned level where it lies more askew than lines are found; and the map back.

    ``strength`` is the ink of ``whole`` at any scale.
    """
    slant = _slant(mask(strength))
    if abs(slant) < _MOST_SLANT:
        return None
    height, width = whole.shape
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), slant, 1.0), np.float64)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(width * cos + height * sin), round(width * sin + height * cos)
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    back = np.asarray(np.linalg.inv(np.vstack([turn, [0, 0, 1]])), np.float64)
    return warped(whole, back, size), back


def _slant(ink: NDArray[np.uint8]) -> float:
    """Degrees, clockwise positive, at which rows (or columns) of ink stand out most."""
    scale = _SLANT_SIDE / max(ink.shape)
    every = max(1, int(0.5 / scale))
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    small = np.asarray(
        cv2.resize(ink[::every, ::every], size, interpolation=cv2.INTER_AREA), np.uint8
    )
    y, x = np.nonzero(small > _INKED)
    every = max(1, len(y) // _MOST_POINTS)
    y, x = y[::every].astype(np.float32), x[::every].astype(np.float32)
    reach = round(float(np.hypot(*small.shape))) + 1

    def stands_out(angle: float) -> float:
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        rows, columns = (
            np.bincount((line + reach).astype(np.int64), minlength=2 * reach)
            for line in (y * cos - x * sin, y * sin + x * cos)
        )
        return max(float(np.square(np.diff(line)).sum()) for line in (rows, columns))

    best = max(np.arange(-22.0, 22.1, 2.0), key=lambda angle: stands_out(float(angle)))
    return float(max(best + np.arange(-1.5, 1.6, 0.5), key=lambda a: stands_out(float(a))))
