"""Page images as pixels: encoded bytes in, turned and cropped views out, boxes moved along."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from intake.headers import png_size
from intake.types import Box, DecodedPage, Page, Pixels, Unopened, Word
from records.errors import UnreadableError, WrongUse

_PNG = b"\x89PNG\r\n\x1a\n"


def decode_image(encoded: bytes) -> Pixels:
    """PNG or JPEG bytes of our own store as pixels: gray (height x width) or BGR.

    Only for what ``intake.decode`` made; received bytes go through the decoding child. Raises
    ``UnreadableError`` (``corrupt_file``) when the bytes are no image.
    """
    buffer = np.frombuffer(encoded, dtype=np.uint8)
    flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(buffer, flags) if buffer.size else None
    if pixels is None:
        raise UnreadableError(
            "corrupt_file", "A stored page image is damaged.", "Restore it from a backup."
        )
    return np.asarray(pixels, dtype=np.uint8)


def encode_image(pixels: Pixels) -> bytes:
    """Pixels as PNG; two-valued ones as 1-bit PNG."""
    two_valued = pixels.ndim == 2 and not np.any((pixels != 0) & (pixels != 255))
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    if two_valued:
        options += [cv2.IMWRITE_PNG_BILEVEL, 1]
    _, encoded = cv2.imencode(".png", pixels, options)
    return encoded.tobytes()


def reduced(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Scaled down to ``size`` (width, height), each pixel the mean of those that it stands for.

    Halved as often as fits before, which OpenCV does several times as fast as any other part.
    """
    wide, high = size
    while pixels.shape[1] >= 2 * wide and pixels.shape[0] >= 2 * high:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        even = pixels[: 2 * half[1], : 2 * half[0]]
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def rotate(pixels: Pixels, degrees: int) -> Pixels:
    """Turned clockwise by a multiple of 90 degrees, else raises ``WrongUse``."""
    return np.ascontiguousarray(np.rot90(pixels, -_quarters(degrees)))


def rotate_box(box: Box, degrees: int, width: int, height: int) -> Box:
    """Where ``box`` lies once its image (``width`` x ``height`` before) was turned clockwise."""
    x, y, w, h = box
    for _ in range(_quarters(degrees)):
        x, y, w, h = height - y - h, x, h, w
        width, height = height, width
    return (x, y, w, h)


def crop(pixels: Pixels, box: Box) -> Pixels:
    """The part of the image inside ``box``, which is cut at the image's edges first."""
    x, y, w, h = box
    return pixels[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)]


def gray(pixels: Pixels) -> Pixels:
    """The image as height x width gray."""
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def open_page(decoded: DecodedPage, rotation: int = 0, region: Box | None = None) -> Page:
    """A decoded page ready to be read, turned clockwise by ``rotation``, then cut to ``region``.

    Words turn and move along; those not wholly inside ``region`` are left out. The picture of a
    whole page that came with its words is decoded when it is first looked at.
    """
    encoded, words = decoded.encoded, decoded.words
    pixels: Pixels | Unopened
    if words and region is None and encoded.startswith(_PNG):
        width, height = png_size(encoded)
        sides = (height, width) if _quarters(rotation) % 2 else (width, height)
        pixels = Unopened(*sides, partial(_turned, encoded, rotation))
    else:
        image = decode_image(encoded)
        height, width = image.shape[:2]
        pixels = rotate(image, rotation) if _quarters(rotation) else image
        pixels = pixels if region is None else crop(pixels, region)
    if _quarters(rotation):
        words = tuple(
            Word(w.text, rotate_box(w.box, rotation, width, height), w.confidence) for w in words
        )
    if region is not None:
        words = _moved_inside(words, region)
    return Page(
        decoded.index, pixels, decoded.dpi, words, decoded.side, decoded.item, decoded.facts
    )


def _turned(encoded: bytes, rotation: int) -> Pixels:
    image = decode_image(encoded)
    return rotate(image, rotation) if _quarters(rotation) else image


def _moved_inside(words: tuple[Word, ...], region: Box) -> tuple[Word, ...]:
    left, top = max(region[0], 0), max(region[1], 0)
    right, bottom = region[0] + region[2], region[1] + region[3]
    return tuple(
        Word(word.text, (x - left, y - top, w, h), word.confidence)
        for word in words
        for x, y, w, h in (word.box,)
        if x >= left and y >= top and x + w <= right and y + h <= bottom
    )


def _quarters(degrees: int) -> int:
    if degrees % 90:
        raise WrongUse("wrong_rotation", "A page turns by 90, 180 or 270 degrees.")
    return degrees // 90 % 4
