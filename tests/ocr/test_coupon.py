"""Coupons: numbers confirmed by two sources are sure, numbers nothing checks are not."""

import numpy as np
import pytest

from intake.types import Page
from ocr.barcodes import Barcode, read_barcodes
from ocr.coupon import looks_like_coupon, read_coupon
from ocr.scanline import CouponNumbers, payload, scanline
from ocr.text import page_text
from tests.ocr.laid_out import page_of
from web.demo import pieces

NUMBERS = CouponNumbers("5761785244", "8340998825", 5700)
ROWS = [
    "Please detach and return this portion with your payment",
    "Account Number      5761785244",
    "Statement Number    8340998825",
    "Patient             Emma Dunn",
    "Statement Date      09/11/2026",
    "Minimum Due         $25.00",
    "Amount Due          $57.00",
    "Amount Enclosed     $",
]
BLANK = Page(0, np.full((700, 1700), 255, np.uint8), 200.0)
CODE = Barcode("Code128", payload(NUMBERS), (10, 10, 300, 60))


def test_print_alone_is_never_sure_of_numbers_from_pixels() -> None:
    fields, _ = read_coupon(BLANK, page_of(ROWS, source="tesseract"), ())
    for name, value in [("account_number", "5761785244"), ("statement_number", "8340998825"),
                        ("amount_due_cents", 5700)]:  # fmt: skip
        field = fields[name]
        assert field is not None
        assert field.value == value
        assert field.confidence < 0.9
    assert fields["scanline"] is None
    assert fields["amount_enclosed_cents"] is None


def test_barcode_and_print_together_are_sure() -> None:
    fields, warnings = read_coupon(BLANK, page_of(ROWS, source="tesseract"), (CODE,))
    assert not warnings
    for name in ("account_number", "statement_number", "amount_due_cents"):
        field = fields[name]
        assert field is not None
        assert field.confidence >= 0.98
    barcodes = fields["barcodes"]
    assert barcodes is not None
    assert barcodes.value == [{"symbology": "Code128", "text": payload(NUMBERS)}]


def test_sources_that_contradict_each_other_are_not_sure_and_say_so() -> None:
    other = CouponNumbers("5761785244", "8340998825", 9900)
    rows = [*ROWS, scanline(other)]
    fields, warnings = read_coupon(BLANK, page_of(rows), (CODE,))
    due = fields["amount_due_cents"]
    assert due is not None
    assert due.confidence <= 0.9
    assert due.alternatives
    rows = [row for row in rows if "Amount Due" not in row]
    fields, warnings = read_coupon(BLANK, page_of(rows), (CODE,))
    due = fields["amount_due_cents"]
    assert due is not None
    assert due.confidence <= 0.5
    assert [warning.code for warning in warnings] == ["sources_disagree"]


def test_a_coupon_is_known_by_its_barcode_scanline_or_words() -> None:
    plain = page_of(["nothing here"])
    assert looks_like_coupon(plain, (CODE,)) > 0.9
    assert looks_like_coupon(page_of([scanline(NUMBERS)]), ()) > 0.9
    assert looks_like_coupon(page_of(ROWS), ()) > 0.8
    assert looks_like_coupon(plain, (Barcode("QRCode", "https://x.org", (0, 0, 9, 9)),)) < 0.5


@pytest.mark.parametrize("seed", [5, 11])
def test_scanned_coupons_read_right_and_nothing_is_wrong_and_sure(seed: int) -> None:
    for piece in pieces.coupons(seed, 3):
        picture = piece.pages[0]
        page = Page(0, picture.pixels, picture.dpi)
        fields, _ = read_coupon(page, page_text(page), read_barcodes(page.pixels))
        for name in ("account_number", "statement_number", "amount_due_cents", "scanline"):
            field = fields[name]
            assert field is not None, name
            assert field.value == piece.truth[name], name
        for name, field in fields.items():
            if field is not None and field.confidence >= 0.9:
                assert field.value == piece.truth[name], name
