"""Printed barcodes keep the standard's sizes, and what is printed is read back."""

import io
import random

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.graphics.barcode.usps4s import USPS_4State

from ocr import imb, imb_finder, imb_print

TRACKING, ROUTING = "00270900123000456789", "97201123456"
BARS = imb.encode(TRACKING, ROUTING)


def test_our_bars_equal_reportlabs_on_ten_thousand_codes() -> None:
    chance = random.Random(11)
    for _ in range(10_000):
        tracking = f"{chance.randrange(10)}{chance.randrange(5)}{chance.randrange(10**18):018d}"
        length = chance.choice((0, 5, 9, 11))
        routing = f"{chance.randrange(10**length):0{length}d}" if length else ""
        assert imb.encode(tracking, routing) == "".join(USPS_4State(tracking, routing).barcodes)


def test_rectangles_keep_the_tolerances_of_usps_b_3200() -> None:
    drawn = imb_print.rectangles(BARS)
    assert len(drawn) == 65
    assert {round(tall, 4) for _, _, _, tall in drawn} == {0.048, 0.0965, 0.145}
    assert all(0.015 <= wide <= 0.025 for _, _, wide, _ in drawn)
    pitch = (drawn[-1][0] - drawn[0][0]) / 64
    assert 20 <= 1 / pitch <= 24
    width, height = imb_print.size(BARS)
    assert drawn[0][0] >= 0.125
    assert width - (drawn[-1][0] + drawn[-1][2]) >= 0.125 - 1e-9
    assert min(y for _, y, _, _ in drawn) >= 0.028
    assert height - max(y + tall for _, y, _, tall in drawn) >= 0.028 - 1e-9


def _on_paper(code: np.ndarray) -> np.ndarray:
    page = np.full((700, code.shape[1] + 400), 255, np.uint8)
    page[300 : 300 + code.shape[0], 200 : 200 + code.shape[1]] = code
    return page


def test_png_is_read_back() -> None:
    dots = np.array(Image.open(io.BytesIO(imb_print.png(BARS, 300))).convert("L"))
    found = imb_finder.find(_on_paper(dots), 300)
    assert found is not None
    assert (found.code.tracking, found.code.routing) == (TRACKING, ROUTING)
    assert found.exact


def test_pdf_is_vectors_of_true_size_and_is_read_back() -> None:
    page = pypdfium2.PdfDocument(imb_print.pdf([BARS, BARS]))[1]
    width, height = imb_print.size(BARS)
    assert page.get_width() == pytest.approx(72 * width, abs=0.01)
    assert page.get_height() == pytest.approx(72 * height, abs=0.01)
    dots = np.array(page.render(scale=300 / 72).to_pil().convert("L"))
    found = imb_finder.find(_on_paper(dots), 300)
    assert found is not None
    assert found.code.tracking == TRACKING


def test_svg_has_a_rectangle_a_bar_and_the_size() -> None:
    text = imb_print.svg(BARS)
    assert text.count("<rect ") == 65
    assert 'width="3.1791in"' in text


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(ValueError, match="T, A, D and F"):
        imb_print.rectangles("TAX")
    with pytest.raises(ValueError, match="300"):
        imb_print.png(BARS, 150)
