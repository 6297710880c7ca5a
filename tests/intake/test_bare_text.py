"""A page shows its words alone, unless a code, a MICR line or a picture is printed on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import code128, qr, usps4s
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from intake.bare_text import _opened, shows_words_alone
from intake.pixels import open_page
from intake.split import examine
from intake.types import Page
from ocr.classify import _like_micr, classify
from ocr.e13b import render_line
from tests.corpus import good
from tests.intake.test_decode_pdf import drawn

Draw = Callable[[Canvas], None]


def page_with(extra: Draw) -> Page:
    """A page of a short notice, and what ``extra`` draws on it."""

    def draw(canvas: Canvas) -> None:
        for line in range(12):
            canvas.drawString(72, 700 - 15 * line, "Claim 99213 billed 125.00 allowed 80.00")
        extra(canvas)

    return open_page(drawn(draw))


def _rules(canvas: Canvas) -> None:
    canvas.line(60, 720, 560, 720)
    canvas.grid([60, 160, 260, 560], [100, 130, 160])
    canvas.setDash(2, 3)
    canvas.line(60, 300, 560, 300)
    canvas.setDash()
    canvas.setFillGray(0.9)
    canvas.rect(60, 400, 500, 60, stroke=0, fill=1)


def _micr(canvas: Canvas) -> None:
    line = Image.fromarray(render_line("C001042C A091000019A 12345678C", 200))
    canvas.drawInlineImage(line, 72, 200, line.width * 0.36, line.height * 0.36)


def _dithered(canvas: Canvas) -> None:
    line = Image.fromarray(render_line("C001042C A091000019A 12345678C", 200))
    line = line.point(lambda value: max(value, 120)).convert("1")
    canvas.drawInlineImage(line, 72, 200, line.width * 0.36, line.height * 0.36)


def _barcode(canvas: Canvas) -> None:
    code128.Code128("STATEMENT 1042", barHeight=40).drawOn(canvas, 72, 200)


def _mail_code(canvas: Canvas) -> None:
    usps4s.USPS_4State("01234567094987654321", "01234567891").drawOn(canvas, 72, 200)


def _square_code(canvas: Canvas) -> None:
    code = Drawing(90, 90)
    code.add(qr.QrCodeWidget("LOCKBOX"))
    renderPDF.draw(code, canvas, 72, 200)


def _photograph(canvas: Canvas) -> None:
    canvas.drawInlineImage(good.text_page(1, "L"), 72, 100, 300, 200)


def _hidden_text(canvas: Canvas) -> None:
    path = canvas.beginPath()
    for place in range(12):  # letters drawn as outlines: they are in no text layer
        path.rect(72 + 9 * place, 200, 4, 8)
    canvas.drawPath(path, fill=1)


def test_words_rules_dashes_and_light_shades_are_words_alone() -> None:
    assert shows_words_alone(page_with(lambda _: None))
    assert shows_words_alone(page_with(_rules))


@pytest.mark.parametrize(
    "extra", [_micr, _dithered, _barcode, _mail_code, _square_code, _photograph, _hidden_text]
)
def test_anything_else_is_seen(extra: Draw) -> None:
    assert not shows_words_alone(page_with(extra))


def _thick_rule(canvas: Canvas) -> None:
    canvas.rect(60, 300, 500, 5, stroke=0, fill=1)


def _letters_at_a_thick_rule(canvas: Canvas) -> None:
    _thick_rule(canvas)
    path = canvas.beginPath()
    for place in range(12):
        path.rect(72 + 9 * place, 304, 4, 8)
    canvas.drawPath(path, fill=1)


def test_a_thick_rule_is_taken_away_and_print_that_touches_it_is_not() -> None:
    assert shows_words_alone(page_with(_thick_rule))
    assert not shows_words_alone(page_with(_letters_at_a_thick_rule))


def test_a_page_of_few_words_or_of_none_is_looked_at() -> None:
    page = page_with(lambda _: None)
    assert not shows_words_alone(replace(page, words=page.words[:6]))
    assert not shows_words_alone(replace(page, dpi=None))


def _few_words(canvas: Canvas) -> None:
    for line in range(5):
        canvas.drawString(72, 700 - 15 * line, "CO 45 contractual obligation")


def test_a_sheet_of_words_alone_is_neither_blank_nor_a_separator() -> None:
    facts = examine(open_page(drawn(_few_words)))
    assert not facts.blank
    assert facts.separator is None


def _check(canvas: Canvas) -> None:
    _table(canvas)
    canvas.drawString(72, 260, "PAY TO THE ORDER OF")
    _micr(canvas)


def _table(canvas: Canvas) -> None:
    for place, head in enumerate(("Service date", "Procedure", "Billed", "Allowed", "Paid")):
        canvas.drawString(72 + 90 * place, 500, head)
    for line in range(4):
        for place, cell in enumerate(("01/05/2026", "99213", "125.00", "80.00", "80.00")):
            canvas.drawString(72 + 90 * place, 485 - 15 * line, cell)


def test_a_page_that_bears_a_check_is_searched_for_it() -> None:
    assert classify(page_with(_table)).kind == "remittance"
    assert classify(page_with(_check)).kind == "check"


@pytest.mark.parametrize(
    ("line", "like"),
    [
        ("A091000019A 12345678C", True),
        ("C001042C 091000019 12345678", True),
        ("Check 091000019", False),
        ("A091000018A", False),
    ],
)
def test_a_line_of_a_routing_number_without_words_may_be_a_micr_line(line: str, like: bool) -> None:
    assert _like_micr(line) is like


@pytest.mark.parametrize("high", [1, 2, 3, 16, 33, 50])
@pytest.mark.parametrize("wide", [1, 7, 64, 101])
def test_upright_strokes_are_those_of_opencv(high: int, wide: int) -> None:
    ink = np.random.default_rng(high * wide).random((120, wide)) < 0.93
    dark = np.asarray(np.repeat(ink, 2, axis=0), np.uint8)
    brush = np.ones((high, 1), np.uint8)
    assert np.array_equal(_opened(dark, high), cv2.morphologyEx(dark, cv2.MORPH_OPEN, brush))
