"""PDF pages: scans at the resolution they were scanned with, born-digital pages with words.

Nothing in a PDF is run: scripts, launch actions and embedded files are never looked at. A full
page image is rendered at exactly its own pixels, which gives the same pixels as extracting it
and also obeys masks, inverted bits and rotation.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
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

_POINTS_PER_INCH = 72.0
_DIGITAL_DPI, _MIXED_MAX_DPI, _SCAN_MAX_DPI = 200.0, 300.0, 600.0
_FULL_PAGE_SHARE, _IMAGE_PAGE_SHARE = 0.85, 0.4
_STAMP_CHARS = 100
"""A scan with fewer visible characters over it (a fax header) is still a scan."""
_MAX_OBJECTS = 20_000
_HIDDEN_TEXT_MODES = (3, 7)
_MIN_CONTRAST = 48
_MAX_LOST_SHARE = 0.1
_LOSSY_FILTERS = ("DCTDecode", "JPXDecode")
_JUST_BELOW = 1 - 1e-9

WordOut = tuple[str, int, int, int, int]


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
    """What a page is made of."""

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
            from pdfplumber.utils.text import dedupe_chars, extract_words  # noqa: PLC0415

            from intake.decoders.text_chars import characters  # noqa: PLC0415 - see prepare

            if self._document is None:
                self._document = pdfplumber.open(io.BytesIO(self._data))
            page = self._document.pages[index]
            chars = characters(self._document, page)
            shown = [char for char in chars if _is_upright(char)]
            if len(shown) < len(chars) * (1 - _MAX_LOST_SHARE):
                return ()
            plain = dedupe_chars(shown) if _doubled(shown) else shown
            found = extract_words(plain, return_chars=True)
            left, top, right, _ = page.cropbox
            scale = image.width / float(right - left)
            words = _placed(found, float(left), float(top), scale, image, self._limits.max_words)
            page.close()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a text layer that cannot be read is read from pixels
            return ()
        return words


def _is_upright(item: dict[str, Any]) -> bool:
    """Whether a character runs from left to right as shown; upside down it reads backwards."""
    matrix = item.get("matrix")
    if matrix is None:
        return True
    a, b, c, d = matrix[:4]
    return bool(a > 0 and d > 0 and abs(b) < 0.1 * a and abs(c) < 0.5 * d)


def _doubled(chars: Sequence[dict[str, Any]]) -> bool:
    """Whether bold was faked by printing characters twice, which would read ``112255..0000``."""
    return any(
        len({(c["text"], int(c["x0"] + shift), int(c["top"] + shift)) for c in chars}) < len(chars)
        for shift in (0.0, 0.5)
    )


def _placed(
    found: Sequence[dict[str, Any]],
    left: float,
    top: float,
    scale: float,
    image: Image.Image,
    max_words: int,
) -> tuple[WordOut, ...]:
    """The words that the eye sees where the text layer says they are.

    Text without ink under it (white on white, covered, outside the page) is not what was mailed;
    nor is a number of which one figure has none: it would read as another number. Where a tenth
    of the words is such, or has no characters, the whole layer is distrusted.
    """
    gray = image.convert("L")
    words: list[WordOut] = []
    for word in found[:max_words]:
        x0, y0 = (float(word["x0"]) - left) * scale, (float(word["top"]) - top) * scale
        x1, y1 = (float(word["x1"]) - left) * scale, (float(word["bottom"]) - top) * scale
        box = (max(int(x0), 0), max(int(y0), 0), min(round(x1) + 1, image.width),
               min(round(y1) + 1, image.height))  # fmt: skip
        text = str(word["text"])
        if box[2] <= box[0] or box[3] <= box[1] or "(cid:" in text or "\ufffd" in text:
            continue
        if _inked(gray, box) and all(
            _inked(gray, figure) for figure in _figures(word, left, scale, box)
        ):
            words.append((text, box[0], box[1], box[2] - box[0], box[3] - box[1]))
    lost = len(found) - len(words)
    return tuple(words) if lost <= len(found) * _MAX_LOST_SHARE else ()


def _figures(
    word: dict[str, Any], left: float, scale: float, box: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """The box of each figure of a word, without the rim where its neighbour's ink may reach."""
    for char in word["chars"]:
        if char["text"].isdigit():
            x0, x1 = (float(char["x0"]) - left) * scale, (float(char["x1"]) - left) * scale
            rim = (x1 - x0) / 8
            begin = max(int(x0 + rim), box[0])
            yield (begin, box[1], max(min(round(x1 - rim), box[2]), begin + 1), box[3])


def _inked(gray: Image.Image, box: tuple[int, int, int, int]) -> bool:
    low, high = gray.crop(box).getextrema()
    return (
        isinstance(low, int | float)
        and isinstance(high, int | float)
        and high - low >= _MIN_CONTRAST
    )


def prepare(data: bytes) -> None:
    """Loads what a PDF's pages will need, while files may still be opened.

    pdfplumber is half the start time of the child; a PDF that shows no font and hides no objects
    has no text, and does without.
    """
    if b"/Font" in data or b"/ObjStm" in data:
        import pdfplumber  # noqa: F401, PLC0415 - loaded here, used by the text layer

        from intake.decoders import text_chars  # noqa: F401, PLC0415 - likewise
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
    image: Image.Image = bitmap.to_pil()
    if not bitonal or scan is None:
        return gray_if_gray(image if image.mode == "RGB" else image.convert("RGB"))
    exact = sorted(image.size) == sorted((scan.width, scan.height))
    return image.point(lambda value: 255 * (value >= 128), "1") if exact else image


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
        else:
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
