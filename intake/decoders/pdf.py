"""PDF pages: scans at the resolution they were scanned with, born-digital pages with words.

Nothing in a PDF is run: scripts, launch actions and embedded files are never looked at. A full
page image is rendered at exactly its own pixels, which gives the same pixels as extracting it
and also obeys masks, inverted bits and rotation.
"""

from __future__ import annotations

import ctypes
import io
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

from intake.decoders.drawn_png import drawn_png
from intake.decoders.inflate import check_streams
from intake.decoders.own_page import own_pdf
from intake.decoders.pages import (
    GRAY_TOLERANCE,
    PageOut,
    Parts,
    ProblemOut,
    check_sides,
    encode,
    gray_if_gray,
    problem_of,
    sane_dpi,
)
from intake.decoders.pdf_survey import POINTS_PER_INCH, Picture, Survey, survey_of
from intake.headers import corrupt, too_many_pages, too_many_pixels
from intake.limits import Limits
from records.errors import UnreadableError

if TYPE_CHECKING:
    from intake.decoders.text_layer import Layer, TextLayer

_CHANNELS = {pdfium.FPDFBitmap_Gray: 1, pdfium.FPDFBitmap_BGR: 3, pdfium.FPDFBitmap_BGRA: 4}
_JUST_BELOW = 1 - 1e-9
_ROWS_AT_ONCE = 64

Shown = Image.Image | NDArray[np.uint8]
"""A page as pixels; an array where it was drawn: height x width gray, or RGB beside that."""


def prepare(*, text: bool) -> None:
    """Loads what a PDF's pages will need, while files may still be opened.

    pdfplumber is half the time that loading takes; a PDF that shows no ``text`` does without.
    """
    _use_pictures()
    if text:
        _read_own_page()


@cache
def _use_pictures() -> None:
    """Writes and reads a small picture of each form, once: their code is loaded then."""
    for mode, form in (("1", "PNG"), ("RGB", "JPEG")):
        out = io.BytesIO()
        Image.new(mode, (8, 8)).save(out, form)
        Image.open(out, formats=(form,)).load()


@cache
def _read_own_page() -> None:
    """Decodes a page of our own, once: what decoders make on first use is there then.

    Fonts, tables and modules that they load late take three times as long as a small page, and
    would be made again in every child.
    """
    for _ in decode_pdf(own_pdf(), Limits()):
        pass
    from intake.decoders import text_fonts  # noqa: PLC0415 - loaded where there is text

    text_fonts.prepare()


def decode_pdf(data: bytes, limits: Limits) -> Parts:
    """Every page of a PDF; a page that cannot be read becomes a problem."""
    check_streams(data, limits)
    document = _open(data)
    count = len(document)
    if count > limits.max_pages:
        raise too_many_pages(limits)
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    pages = _Pages(document, data, limits)
    for index in range(count):
        try:
            yield pages.decode(index)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a broken page may raise anything
            problem = problem_of(error)
            yield ProblemOut(index, problem.code, problem.message)


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (
            pdfium.FPDF_ERR_PASSWORD,
            pdfium.FPDF_ERR_SECURITY,
        ):
            raise UnreadableError(
                "encrypted_pdf",
                "The PDF is locked with a password.",
                "Open it with the password, print it to a new PDF and send that.",
            ) from None
        raise corrupt("The PDF is damaged and shows no page.") from None


class _Pages:
    """The pages of an open PDF, with the text layer that is opened when the first needs it."""

    def __init__(self, document: Any, data: bytes, limits: Limits) -> None:
        self._document, self._data, self._limits = document, data, limits
        self._text: TextLayer | None = None

    def decode(self, index: int) -> PageOut:
        """One page; raises what its decoders raise."""
        page = self._document[index]
        try:
            width, height = page.get_size()
            if not (0 < width < 1e6 and 0 < height < 1e6):
                raise corrupt("The page has no size.")
            survey = survey_of(page, width * height)
            scale = survey.dpi / POINTS_PER_INCH * _JUST_BELOW
            pixels = max((p.width * p.height for p in survey.pictures), default=0)
            if max(pixels, width * height * scale * scale) > self._limits.max_page_pixels:
                raise too_many_pixels(self._limits)
            layer = self._layer(index, survey)
            shown = _render(page, survey, scale, gray=_is_gray(page, survey, layer))
            size = _size(shown)
            check_sides(size)
            if survey.scan:
                _check_whole(survey.scan)
        finally:
            page.close()
        words = self._text.seen(layer, shown) if self._text and layer else ()
        encoded, media_type = _encoded(shown, survey)
        dpi = sane_dpi(survey.dpi, *size)
        return PageOut(index, encoded, media_type, *size, dpi, words)

    def _layer(self, index: int, survey: Survey) -> Layer | None:
        # A filled form's values are drawn, but stand in no text layer: read such pages by pixels.
        plain_text = not survey.hidden_text and self._document.formenv is None
        if not (survey.visible_chars and plain_text and survey.scan is None):
            return None
        if self._text is None:
            try:
                from intake.decoders.text_layer import TextLayer  # noqa: PLC0415 - see prepare
            except (ImportError, OSError):  # loaded for no PDF that seems to hold no text
                return None
            self._text = TextLayer(self._data, self._limits)
        return self._text.layer(index)


def _is_gray(page: Any, survey: Survey, layer: Layer | None) -> bool:
    """Whether all that is drawn on a page is black and gray for sure."""
    if layer is None or layer.coloured or survey.pictures:
        return False
    return bool(pdfium.FPDFPage_GetAnnotCount(page) == 0)


def _size(shown: Shown) -> tuple[int, int]:
    """Width and height in pixels."""
    if isinstance(shown, Image.Image):
        return shown.size
    return shown.shape[1], shown.shape[0]


def _encoded(shown: Shown, survey: Survey) -> tuple[bytes, str]:
    if not isinstance(shown, Image.Image):
        return drawn_png(shown), "image/png"
    lossy = survey.scan is not None and (survey.scan.lossy or shown.mode == "RGB")
    return encode(shown, photographed=lossy, drawn=survey.scan is None)


def _render(page: Any, survey: Survey, scale: float, *, gray: bool) -> Shown:
    """The page as pixels; gray ones of a drawn page as they are, without a copy."""
    scan = survey.scan
    bitonal = scan is not None and scan.bitonal
    bitmap = page.render(
        scale=scale, grayscale=bitonal or gray, rev_byteorder=True, limit_image_cache=True,
        bitmap_maker=_bitmap,
    )  # fmt: skip
    if not bitonal or scan is None:
        pixels: NDArray[np.uint8] = bitmap.to_numpy()
        if scan is None and not gray and _coloured(pixels):
            return pixels
        plain = pixels.reshape(bitmap.height, -1) if gray else _gray(pixels)
        if plain is not None:
            return plain if scan is None else Image.fromarray(plain)
        image: Image.Image = bitmap.to_pil()
        return gray_if_gray(image if image.mode == "RGB" else image.convert("RGB"))
    image = bitmap.to_pil()
    exact = sorted(image.size) == sorted((scan.width, scan.height))
    return image.point(lambda value: 255 * (value >= 128), "1") if exact else image


def _bitmap(width: int, height: int, **given: Any) -> Any:
    """A bitmap over memory that is not cleared first: it is all painted white before any print."""
    stride = width * _CHANNELS[given["format"]]
    memory = np.empty(stride * height, np.uint8)
    buffer = (ctypes.c_ubyte * len(memory)).from_buffer(memory.data)
    return pypdfium2.PdfBitmap.new_native(width, height, buffer=buffer, stride=stride, **given)


def _coloured(pixels: NDArray[np.uint8]) -> bool:
    """Whether an RGB picture has colour to speak of, which mostly shows in some of its rows."""
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        return False
    for top in range(0, len(pixels), _ROWS_AT_ONCE):
        rows = pixels[top : top + _ROWS_AT_ONCE]
        rows = rows[rows.reshape(len(rows), -1).min(axis=1) < 255]
        green = rows[:, :, 1]
        for other in (rows[:, :, 0], rows[:, :, 2]):
            apart = np.maximum(green, other) - np.minimum(green, other)
            if apart.max(initial=0) > GRAY_TOLERANCE:
                return True
    return False


def _gray(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The picture as gray when its inked rows have no colour at all; None when one may have."""
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        return None
    inked = pixels.reshape(len(pixels), -1).min(axis=1) < 255
    marked = pixels[inked]
    green = marked[:, :, 1]
    if not (np.array_equal(marked[:, :, 0], green) and np.array_equal(green, marked[:, :, 2])):
        return None
    gray = np.full(pixels.shape[:2], 255, np.uint8)
    gray[inked] = green
    return gray


def _check_whole(scan: Picture) -> None:
    """Refuses a photographed scan that lost its end, which the renderer fills in silence.

    Only a JPEG without its end mark is looked at; some scanners leave the mark out, so it is
    decoded to see whether rows are missing. Fax data says nothing of its end in a PDF.
    """
    if scan.jpeg and b"\xff\xd9" not in scan.jpeg[-1024:]:
        Image.open(io.BytesIO(scan.jpeg), formats=("JPEG",)).load()
