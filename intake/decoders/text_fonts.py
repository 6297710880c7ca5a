"""Fonts as text is shown with them; those that every reader has are made once, before any mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pdfminer.encodingdb import EncodingDB
from pdfminer.fontmetrics import FONT_METRICS
from pdfminer.pdffont import PDFFont, PDFType1Font, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdftypes import resolve1
from pdfminer.psparser import LIT, PSLiteral, literal_name


class OutOfTheOrdinary(Exception):
    """The page holds what is not read here; pdfminer has to."""


@dataclass(slots=True)
class Font:
    """A font as text is shown with it: what each code reads as and how far it steps."""

    font: PDFFont
    multibyte: bool
    descent: float
    glyphs: dict[int, tuple[str, float]] = field(default_factory=dict)

    def glyph(self, code: int) -> tuple[str, float]:
        """Text and width of a code, kept."""
        try:
            text = self.font.to_unichr(code)
        except PDFUnicodeNotDefined:
            text = f"(cid:{code})"
        if not text or not isinstance(text, str):
            raise OutOfTheOrdinary
        self.glyphs[code] = found = (text, self.font.char_width(code))
        return found


def standard_font(spec: Mapping[str, Any]) -> Font | None:
    """One of the 14 standard fonts (ISO 32000-1, 9.6.2.2) in an encoding with a name, else None.

    pdfminer looks at nothing but these two names of such a font, and takes a millisecond each.
    """
    if "ToUnicode" in spec or literal_name(spec.get("Subtype")) != "Type1":
        return None
    name, encoding = resolve1(spec.get("BaseFont")), resolve1(spec.get("Encoding"))
    if not isinstance(name, PSLiteral) or not isinstance(encoding, PSLiteral):
        return None
    base, coded = literal_name(name), literal_name(encoding)
    if base not in FONT_METRICS or coded not in EncodingDB.encodings:
        return None
    return _made(base, coded)


def prepare() -> None:
    """Makes the standard fonts of text in the encodings that are written down by their names."""
    for base in FONT_METRICS:
        for encoding in ("WinAnsiEncoding", "MacRomanEncoding"):
            _made(base, encoding)


@cache
def _made(base: str, encoding: str) -> Font:
    """The font with all its glyphs."""
    spec = {"Subtype": LIT("Type1"), "BaseFont": LIT(base), "Encoding": LIT(encoding)}
    font = PDFType1Font(PDFResourceManager(), spec)
    made = Font(font, font.is_multibyte(), font.get_descent())
    for code in range(256):
        made.glyph(code)
    return made
