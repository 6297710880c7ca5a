"""PDF pages: scans at the resolution they were scanned with, born-digital pages with words.

Nothing in a PDF is run: scripts, launch actions and embedded files are never looked at. A full
page image is rendered at exactly its own pixels, which gives the same pixels as extracting it
and also obeys masks, inverted bits and rotation.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

from intake.decoders.inflate import check_streams
from intake.decoders.pages import (
    PageOut,
    Parts,
    ProblemOut,
    check_sides,
    encode,
    gray_if_gray,
    problem_of,
    sane_dpi,
)
from intake.headers import corrupt, too_many_pages, too_many_pixels
from intake.limits import Limits
from records.errors import UnreadableError

if TYPE_CHECKING:
    from intake.decoders.text_words import Run, WordOut

_POINTS_PER_INCH = 72.0
_DIGITAL_DPI, _MIXED_MAX_DPI, _SCAN_MAX_DPI = 200.0, 300.0, 600.0
_FULL_PAGE_SHARE, _IMAGE_PAGE_SHARE = 0.85, 0.4
_STAMP_CHARS = 100
"""A scan with fewer visible characters over it (a fax header) is still a scan."""
_MAX_OBJECTS = 20_000
_HIDDEN_TEXT_MODES = (3, 7)
_MAX_LOST_SHARE = 0.1
_LOSSY_FILTERS = ("DCTDecode", "JPXDecode")
_JUST_BELOW = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class _Picture:
    """An image on a page: its pixels, its share of the page's area, and its resolution."""

    width: int
    height: int
    share: float
    dpi: float
    bitonal: bool
    filters: tuple[str, ...]
    jpeg: bytes = b""

    @property
    def lossy(self) -> bool:
        """Whether the image was stored with loss."""
        return any(name in _LOSSY_FILTERS for name in self.filters)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What a page is made of; ``visible_chars`` are counted until they are surely no stamp."""

    pictures: tuple[_Picture, ...]
    visible_chars: int
    hidden_text: bool

    @property
    def scan(self) -> _Picture | None:
        """The one image that is the page, when the page is a scan."""
        largest = max(self.pictures, key=lambda p: p.share, default=None)
        full = largest is not None and largest.share >= _FULL_PAGE_SHARE
        return largest if full and self.visible_chars < _STAMP_CHARS else None

    @property
    def dpi(self) -> float:
        """The resolution to render at."""
        if self.scan:
            return min(self.scan.dpi, _SCAN_MAX_DPI)
        if sum(p.share for p in self.pictures) >= _IMAGE_PAGE_SHARE:
            finest = max(p.dpi for p in self.pictures if p.share > 0.01)
            return min(max(finest, _DIGITAL_DPI), _MIXED_MAX_DPI)
        return _DIGITAL_DPI


class _TextLayer:
    """The words of born-digital pages by pdfplumber, opened when the first is needed."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data, self._limits = data, limits
        self._document: Any = None

    def words(self, index: int, image: Image.Image) -> tuple[WordOut, ...]:
        """Words with boxes in pixels of ``image``; empty when the text cannot be trusted."""
        try:
            import pdfplumber  # noqa: PLC0415 - see prepare

            from intake.decoders import text_words  # noqa: PLC0415 - see prepare

            if self._document is None:
                self._document = pdfplumber.open(io.BytesIO(self._data))
            page = self._document.pages[index]
            found = self._plain_runs(page)
            if found is None:
                found = self._runs(page)
            left, top, right, _ = page.cropbox
            scale = image.width / float(right - left)
            gray = np.asarray(image.convert("L"))
            words = text_words.seen(
                found, float(left), float(top), scale, gray, self._limits.max_words
            )
            page.close()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a text layer that cannot be read is read from pixels
            return ()
        return words

    def _plain_runs(self, page: Any) -> Sequence[Run] | None:
        """The words of a page of plain text; None where pdfplumber has to say."""
        from intake.decoders import text_stream, text_words  # noqa: PLC0415 - see prepare

        try:
            shown, count = text_stream.plain_characters(self._document, page)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - pdfminer says what is wrong, or reads it all the same
            return None
        if len(shown) < count * (1 - _MAX_LOST_SHARE):
            return ()
        return None if text_words.doubled(shown) else text_words.runs(shown)

    def _runs(self, page: Any) -> Sequence[Run]:
        """The words of any page by pdfplumber."""
        from pdfplumber.utils.text import dedupe_chars, extract_words  # noqa: PLC0415

        from intake.decoders.text_chars import characters  # noqa: PLC0415 - see prepare
        from intake.decoders.text_stream import Char, reads_onward  # noqa: PLC0415 - likewise
        from intake.decoders.text_words import Run, doubled  # noqa: PLC0415 - likewise

        chars = characters(self._document, page)
        shown = [char for char in chars if reads_onward(char["matrix"])]
        if len(shown) < len(chars) * (1 - _MAX_LOST_SHARE):
            return ()
        twice = doubled([Char(*(char[name] for name in Char._fields)) for char in shown])
        return [
            Run(
                word["text"], float(word["x0"]), float(word["x1"]), float(word["top"]),
                float(word["bottom"]),
                tuple((float(c["x0"]), float(c["x1"]))
                      for c in word["chars"] if c["text"].isdigit()),
            )
            for word in extract_words(dedupe_chars(shown) if twice else shown, return_chars=True)
        ]  # fmt: skip


def prepare(*, text: bool) -> None:
    """Loads what a PDF's pages will need, while files may still be opened.

    pdfplumber is half the time that loading takes; a PDF that shows no ``text`` does without.
    """
    if text:
        import pdfplumber  # noqa: F401, PLC0415 - loaded here, used by the text layer

        from intake.decoders import text_chars, text_words  # noqa: F401, PLC0415 - likewise
    for mode, form in (("1", "PNG"), ("RGB", "JPEG")):
        out = io.BytesIO()
        Image.new(mode, (8, 8)).save(out, form)
        Image.open(out, formats=(form,)).load()


def decode_pdf(data: bytes, limits: Limits) -> Parts:
    """Every page of a PDF; a page that cannot be read becomes a problem."""
    check_streams(data, limits)
    document = _open(data)
    count = len(document)
    if count > limits.max_pages:
        raise too_many_pages(limits)
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    text = _TextLayer(data, limits)
    for index in range(count):
        try:
            yield _decode_page(document, index, text, limits)
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


def _decode_page(document: Any, index: int, text: _TextLayer, limits: Limits) -> PageOut:
    page = document[index]
    try:
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise corrupt("The page has no size.")
        survey = _survey(page, width * height)
        scale = survey.dpi / _POINTS_PER_INCH * _JUST_BELOW
        pixels = max((p.width * p.height for p in survey.pictures), default=0)
        if max(pixels, width * height * scale * scale) > limits.max_page_pixels:
            raise too_many_pixels(limits)
        image = _render(page, survey, scale)
        check_sides(image)
        if survey.scan:
            _check_whole(survey.scan)
    finally:
        page.close()
    words: tuple[WordOut, ...] = ()
    # A filled form's values are drawn, but stand in no text layer: read such pages by pixels.
    plain_text = not survey.hidden_text and document.formenv is None
    if survey.visible_chars and plain_text and survey.scan is None:
        words = text.words(index, image)
    lossy = survey.scan is not None and (survey.scan.lossy or image.mode == "RGB")
    encoded, media_type = encode(image, photographed=lossy, drawn=survey.scan is None)
    dpi = sane_dpi(survey.dpi, image.width, image.height)
    return PageOut(index, encoded, media_type, image.width, image.height, dpi, words)


def _render(page: Any, survey: _Survey, scale: float) -> Image.Image:
    scan = survey.scan
    bitonal = scan is not None and scan.bitonal
    bitmap = page.render(scale=scale, grayscale=bitonal, rev_byteorder=True, limit_image_cache=True)
    if not bitonal or scan is None:
        gray = _gray(bitmap.to_numpy())
        if gray is not None:
            return Image.fromarray(gray)
        image: Image.Image = bitmap.to_pil()
        return gray_if_gray(image if image.mode == "RGB" else image.convert("RGB"))
    image = bitmap.to_pil()
    exact = sorted(image.size) == sorted((scan.width, scan.height))
    return image.point(lambda value: 255 * (value >= 128), "1") if exact else image


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


def _survey(page: Any, area: float) -> _Survey:
    pictures: list[_Picture] = []
    visible, hidden = 0, False
    textpage = page.get_textpage()
    objects = page.get_objects(
        filter=(pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_TEXT), max_depth=6,
        textpage=textpage,
    )  # fmt: skip
    for found in islice(objects, _MAX_OBJECTS):
        if found.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(_picture(found, area))
        elif pdfium.FPDFTextObj_GetTextRenderMode(found) in _HIDDEN_TEXT_MODES:
            hidden = True
        elif visible < _STAMP_CHARS:
            visible += len(found.extract().strip())
    textpage.close()
    return _Survey(tuple(pictures), visible, hidden)


def _picture(found: Any, area: float) -> _Picture:
    width, height = found.get_px_size()
    left, bottom, right, top = found.get_bounds()
    across, up = max(abs(right - left), 1e-6), max(abs(top - bottom), 1e-6)
    matrix = found.get_matrix()
    lying = abs(matrix.b) > abs(matrix.a)
    turned = (height, width) if lying else (width, height)
    metadata = found.get_metadata()
    share = min(across * up / area, 1.0)
    filters = tuple(found.get_filters())
    return _Picture(
        width,
        height,
        share,
        max(turned[0] / across, turned[1] / up) * _POINTS_PER_INCH,
        metadata.bits_per_pixel == 1,
        filters,
        bytes(found.get_data()) if filters == ("DCTDecode",) and share > 0.5 else b"",
    )


def _check_whole(scan: _Picture) -> None:
    """Refuses a photographed scan that lost its end, which the renderer fills in silence.

    Only a JPEG without its end mark is looked at; some scanners leave the mark out, so it is
    decoded to see whether rows are missing. Fax data says nothing of its end in a PDF.
    """
    if scan.jpeg and b"\xff\xd9" not in scan.jpeg[-1024:]:
        Image.open(io.BytesIO(scan.jpeg), formats=("JPEG",)).load()
