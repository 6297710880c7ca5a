"""TIFF, JPEG, PNG and HEIC files as pages."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING

from PIL import Image

from intake.decoders.fax import ERROR_LINES, check_strips
from intake.decoders.pages import (
    PageOut,
    Parts,
    ProblemOut,
    check_sides,
    encode,
    plain,
    problem_of,
    sane_dpi,
    upright_and_square,
)
from intake.headers import corrupt, too_many_pages
from intake.limits import Limits

if TYPE_CHECKING:
    from intake.sniff import Kind

_FORMATS: dict[Kind, str] = {"tiff": "TIFF", "jpeg": "JPEG", "png": "PNG", "heic": "HEIF"}
_PLUGINS = (
    "ImageColor", "ImagePalette", "JpegImagePlugin", "MpoImagePlugin", "PngImagePlugin",
    "TiffImagePlugin",
)  # fmt: skip
# Above this a colour scan is kept as JPEG: as PNG it takes ten times as long and as much room.
_LOSSLESS_COLOUR_PIXELS = 2_500_000
_LOSSY_TIFF = ("jpeg", "tiff_jpeg", "webp")


def prepare(kind: Kind) -> None:
    """Loads the codec for ``kind`` and the encoders, while files may still be opened.

    Pillow imports as it goes (orientation needs the TIFF plugin, phone photos the MPO one), so
    what it could want is loaded here by name.
    """
    if kind == "heic":
        from pi_heif import register_heif_opener  # noqa: PLC0415 - only where it is needed

        register_heif_opener()
    for name in _PLUGINS:
        importlib.import_module(f"PIL.{name}")
    ERROR_LINES.catch()
    for mode, form in (("1", "PNG"), ("RGB", "JPEG")):
        Image.new(mode, (8, 8)).save(io.BytesIO(), form)


def open_image(data: bytes, kind: Kind) -> Image.Image:
    """The image by the codec for ``kind`` and no other; raises what the codec raises."""
    return Image.open(io.BytesIO(data), formats=(_FORMATS[kind],))


def decode_image(data: bytes, kind: Kind, limits: Limits) -> Parts:
    """Every frame of a TIFF, the first picture of the others; broken frames become problems."""
    Image.MAX_IMAGE_PIXELS = limits.max_page_pixels
    image = open_image(data, kind)
    count = getattr(image, "n_frames", 1) if kind == "tiff" else 1
    if count > limits.max_pages:
        raise too_many_pages(limits)
    for index in range(count):
        try:
            if index:
                image.seek(index)
                if _is_thumbnail(image):
                    continue
            yield decode_frame(image, index, kind, limits)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a codec may raise anything on broken bytes
            problem = problem_of(error)
            yield ProblemOut(index, problem.code, problem.message)


def _is_thumbnail(image: Image.Image) -> bool:
    """Whether a TIFF frame says it is a smaller copy of another (TIFF 6.0, NewSubfileType)."""
    tags = getattr(image, "tag_v2", {})
    return bool(int(tags.get(254, 0)) & 1)


def decode_frame(image: Image.Image, index: int, kind: Kind, limits: Limits) -> PageOut:
    """The frame that ``image`` stands at; raises what its codec raises."""
    if kind == "tiff":
        check_strips(image)
        ERROR_LINES.take()
    lossy = kind in ("jpeg", "heic") or image.info.get("compression") in _LOSSY_TIFF
    check_sides(image.size)
    turned, dpi = upright_and_square(image)
    if b"Fax" in ERROR_LINES.take():
        raise corrupt("A page of the TIFF is damaged.")
    if turned.width * turned.height > limits.max_page_pixels:
        raise Image.DecompressionBombError("page too large")
    page = plain(turned)
    large = page.mode == "RGB" and page.width * page.height > _LOSSLESS_COLOUR_PIXELS
    encoded, media_type = encode(page, photographed=lossy or large)
    if dpi is not None:
        dpi = sane_dpi(dpi, page.width, page.height)
    return PageOut(index, encoded, media_type, page.width, page.height, dpi)
