"""The standard fonts made beforehand read and step as pdfminer's own of the same file do."""

from __future__ import annotations

import io
from typing import Any

import pdfplumber
import pytest
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdftypes import dict_value
from reportlab.pdfgen.canvas import Canvas

from intake.decoders.text_fonts import Font, standard_font


def spec_of(name: str) -> dict[str, Any]:
    """The font's entry in a page that a common writer made."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setFont(name, 10)
    canvas.drawString(9, 9, "Paid")
    canvas.save()
    page = pdfplumber.open(out).pages[0].page_obj
    fonts = dict_value(page.resources["Font"]).values()
    return next(
        spec for spec in map(dict_value, fonts) if spec["BaseFont"].name == name
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Helvetica", "Times-BoldItalic", "Courier", "Courier-Bold"])
def test_every_code_is_as_pdfminer_has_it(name: str) -> None:
    spec = spec_of(name)
    given = PDFResourceManager().get_font(None, spec)
    own = Font(given, multibyte=False, descent=given.get_descent())
    made = standard_font(spec)
    assert made is not None
    assert made.descent == own.descent
    assert made.font.fontname == given.fontname
    assert made.glyphs == {code: own.glyph(code) for code in range(256)}


@pytest.mark.parametrize(
    "change", [{"ToUnicode": None}, {"Encoding": {}}, {"BaseFont": "Other"}, {"Subtype": "Type3"}]
)
def test_a_font_of_its_own_is_left_to_pdfminer(change: dict[str, Any]) -> None:
    assert standard_font({**spec_of("Helvetica"), **change}) is None
