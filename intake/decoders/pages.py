"""One page as the child hands it over: pixels encoded again, so that no foreign bytes pass."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageOps

from intake.decoders.drawn_png import drawn_png
from intake.headers import corrupt, no_page, truncated
from records.errors import UnreadableError

_DPI_MIN, _DPI_MAX = 50.0, 1250.0
_SIDE_MIN_INCHES, _SIDE_MAX_INCHES = 0.2, 40.0
_SQUARE_TOLERANCE = 0.03
GRAY_TOLERANCE = 8
"""How far apart the parts of a gray pixel may be that a camera or a scanner saw as gray."""
_JPEG_QUALITY = 92
_LEAST_SIDE = 16
"""Pixels; half an inch of the coarsest fax has more."""


@dataclass(frozen=True, slots=True)
class PageOut:
    """A decoded page on its way to the parent; ``words`` are ``(text, x, y, width, height)``."""

    index: int
    encoded: bytes
    media_type: str
    width: int
    height: int
    dpi: float | None = None
    words: tuple[tuple[str, int, int, int, int], ...] = ()
    side: str | None = None
    item: int | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProblemOut:
    """A page that could not be read, while the others could."""

    index: int
    code: str
    message: str


Part = PageOut | ProblemOut
Parts = Iterator[Part]


def encode(image: Image.Image, *, photographed: bool, drawn: bool = False) -> tuple[bytes, str]:
    """Pixels as a file: 1-bit and gray PNG, JPEG for what was lossy or a photograph before.

    ``photographed`` says that the source has no exact pixels to keep (JPEG, HEIC, camera);
    ``drawn`` that the page was drawn from text and lines, so that most of it is bare paper.
    """
    if drawn and image.mode in ("L", "RGB") and not photographed:
        return drawn_png(np.asarray(image)), "image/png"
    out = io.BytesIO()
    if photographed and image.mode in ("L", "RGB"):
        image.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        return out.getvalue(), "image/jpeg"
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), "image/png"


def plain(image: Image.Image) -> Image.Image:
    """The image as ``1``, ``L`` or ``RGB``: palettes resolved, depth cut, alpha over white."""
    if image.mode in ("1", "L", "RGB"):
        return image
    if image.mode.startswith("I"):
        wide = image.convert("I")
        high = wide.getextrema()[1]
        deep = isinstance(high, int | float) and high > 255
        return (wide.point(lambda value: value * (1 / 256)) if deep else wide).convert("L")
    if image.mode == "F":
        return _from_floats(image)
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return gray_if_gray(Image.alpha_composite(white, layer).convert("RGB"))
    return gray_if_gray(image.convert("RGB"))


def _from_floats(image: Image.Image) -> Image.Image:
    """Gray of floating-point samples, which run to 1, to 255, or as high as they do."""
    high = image.getextrema()[1]
    top = float(high) if isinstance(high, int | float) and math.isfinite(high) else 255.0
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / top
    return image.point(lambda value: value * scale + 0.0).convert("L")


def gray_if_gray(image: Image.Image) -> Image.Image:
    """The image as ``L`` when no pixel has colour to speak of, else as it is."""
    if image.mode != "RGB":
        return image
    red, green, blue = image.split()
    for one, other in ((red, green), (green, blue)):
        extrema = ImageChops.difference(one, other).getextrema()
        if isinstance(extrema[1], int | float) and extrema[1] > GRAY_TOLERANCE:
            return image
    return green


def sane_dpi(declared: Any, width: int, height: int) -> float | None:
    """The declared resolution when it makes a page of a size that paper has, else None."""
    try:
        dpi = float(declared)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not math.isfinite(dpi) or not _DPI_MIN <= dpi <= _DPI_MAX:
        return None
    sides = (width / dpi, height / dpi)
    fits = max(sides) <= _SIDE_MAX_INCHES and min(sides) >= _SIDE_MIN_INCHES
    return round(dpi, 2) if fits else None


def upright_and_square(image: Image.Image) -> tuple[Image.Image, float | None]:
    """Turned by its EXIF orientation, with square pixels (fax pages have none), and its dpi."""
    declared = image.info.get("dpi", (None, None))
    across, down = declared if isinstance(declared, tuple) and len(declared) == 2 else (None, None)
    image.load()
    across, down = (sane_dpi(value, *image.size) for value in (across, down))
    if across and down and abs(across / down - 1) > _SQUARE_TOLERANCE:
        dpi = max(across, down)
        size = (round(image.width * dpi / across), round(image.height * dpi / down))
        image_info = image.getexif()
        resized = image.resize(size, Image.Resampling.NEAREST)
        resized.getexif().update(image_info)
        image, across = resized, dpi
    turned = ImageOps.exif_transpose(image)
    return (image if turned is None else turned), across


def check_sides(size: tuple[int, int]) -> None:
    """Refuses a picture that is a line or a dot and shows no page (``not_a_page``)."""
    if min(size) < _LEAST_SIDE:
        raise no_page()


def problem_of(error: Exception) -> UnreadableError:
    """The error with its code for what a decoder raised on one page."""
    if isinstance(error, UnreadableError):
        return error
    text = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in text or "premature" in text:
        return truncated()
    return corrupt()
