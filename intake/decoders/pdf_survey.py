"""What a PDF's page is made of: its images, how much text is seen, and whether some is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

POINTS_PER_INCH = 72.0
_DIGITAL_DPI, _MIXED_MAX_DPI, _SCAN_MAX_DPI = 200.0, 300.0, 600.0
_FULL_PAGE_SHARE, _IMAGE_PAGE_SHARE = 0.85, 0.4
_STAMP_CHARS = 100
"""A scan with fewer visible characters over it (a fax header) is still a scan."""
_MAX_OBJECTS = 20_000
_HIDDEN_TEXT_MODES = (3, 7)
_LINES_AND_SHADES = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING)
_LOSSY_FILTERS = ("DCTDecode", "JPXDecode")


@dataclass(frozen=True, slots=True)
class Picture:
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
class Survey:
    """What a page is made of; ``visible_chars`` are counted until they are surely no stamp."""

    pictures: tuple[Picture, ...]
    visible_chars: int
    hidden_text: bool

    @property
    def scan(self) -> Picture | None:
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


def survey_of(page: Any, area: float) -> Survey:
    """What an open page of pypdfium2 shows; ``area`` is its own, in points squared."""
    pictures: list[Picture] = []
    visible, hidden = 0, False
    textpage = page.get_textpage()
    for kind, found in islice(_objects(page, textpage), _MAX_OBJECTS):
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(_picture(found, area))
        elif pdfium.FPDFTextObj_GetTextRenderMode(found) in _HIDDEN_TEXT_MODES:
            hidden = True
        elif visible < _STAMP_CHARS:
            visible += len(_text_of(found, page, textpage).strip())
    textpage.close()
    return Survey(tuple(pictures), visible, hidden)


def _objects(page: Any, textpage: Any) -> Iterator[tuple[int, Any]]:
    """The texts and images of a page with their types; on a page of bare texts as PDFium has them.

    pypdfium2 makes an object of its own for each, which takes ten times as long.
    """
    bare: list[Any] = []
    for place in range(pdfium.FPDFPage_CountObjects(page)):
        raw = pdfium.FPDFPage_GetObject(page, place)
        kind = pdfium.FPDFPageObj_GetType(raw) if raw else None
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            bare.append(raw)
        elif kind not in _LINES_AND_SHADES:
            break
    else:
        yield from ((pdfium.FPDF_PAGEOBJ_TEXT, raw) for raw in bare)
        return
    kinds = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_TEXT)
    for found in page.get_objects(filter=kinds, max_depth=6, textpage=textpage):
        yield found.type, found


def _text_of(found: Any, page: Any, textpage: Any) -> str:
    """The characters of a text object."""
    if not isinstance(found, pypdfium2.PdfTextObj):
        found = pypdfium2.PdfObject(found, page=page, textpage=textpage)
    return str(found.extract())


def _picture(found: Any, area: float) -> Picture:
    width, height = found.get_px_size()
    left, bottom, right, top = found.get_bounds()
    across, up = max(abs(right - left), 1e-6), max(abs(top - bottom), 1e-6)
    matrix = found.get_matrix()
    lying = abs(matrix.b) > abs(matrix.a)
    turned = (height, width) if lying else (width, height)
    metadata = found.get_metadata()
    share = min(across * up / area, 1.0)
    filters = tuple(found.get_filters())
    return Picture(
        width,
        height,
        share,
        max(turned[0] / across, turned[1] / up) * POINTS_PER_INCH,
        metadata.bits_per_pixel == 1,
        filters,
        bytes(found.get_data()) if filters == ("DCTDecode",) and share > 0.5 else b"",
    )
