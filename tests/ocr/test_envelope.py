"""Returned envelopes: reason, addresses and barcode right, or not sure."""

from dataclasses import replace

import numpy as np
import pytest

from intake.types import Page
from ocr import envelope, envelope_marks
from ocr.barcodes import read_barcodes
from ocr.envelope_codes import coupon_codes
from ocr.label_look import second_look
from ocr.scanline import CouponNumbers, scanline
from ocr.text import page_text
from tests.ocr.laid_out import page_of
from web.demo import pieces

PAGE = Page(0, np.full((900, 1900), 255, np.uint8), 200.0)
FRONT = [
    "Elm Street Dental                               PRESORTED",
    "12 Elm St                                       US POSTAGE PAID",
    "Dayton OH 45419",
    "RETURN SERVICE REQUESTED",
    "",
    "",
    "",
    "",
    "",
]


def read(rows: list[str]) -> dict[str, object]:
    text = page_of(rows)
    seen = envelope_marks.marks(PAGE, text)
    fields, _ = envelope.read_returned(PAGE, text, seen, ())
    return {name: field.value if field else None for name, field in fields.items()}


def test_a_nixie_label_is_read_line_by_line() -> None:
    label = [
        "    JANE DOE                                    NIXIE  454  DE 1  0011/05/26",
        "    9 OAK LN APT 2                              RETURN TO SENDER",
        "    COLUMBUS OH 43215-1234                      NO SUCH NUMBER",
        "                                                UNABLE TO FORWARD",
        "                                                BC: 45419  *3477-09047-44-04",
    ]
    seen = read([*FRONT, *label])
    assert seen["reason"] == "no_such_number"
    assert seen["addressee_name"] == "JANE DOE"
    assert seen["addressee_address"] == "9 OAK LN APT 2\nCOLUMBUS OH 43215-1234"
    assert seen["return_address"] == "Elm Street Dental\n12 Elm St\nDayton OH 45419"
    assert seen["nixie"] == {"zip3": "454", "date": "2026-11-05", "barcode_digits": "3477090474404"}
    assert seen["forward_address"] is None
    assert str(seen["endorsement_text"]).splitlines()[1:4] == [
        "RETURN TO SENDER", "NO SUCH NUMBER", "UNABLE TO FORWARD",
    ]  # fmt: skip


def test_a_new_address_on_the_label_is_the_forward_address() -> None:
    label = [
        "    JANE DOE                                    NOTIFY SENDER OF NEW ADDRESS",
        "    9 OAK LN APT 2                              JANE DOE",
        "    COLUMBUS OH 43215-1234                      77 HARBOR VIEW DR",
        "                                                DAYTON OH 45402-5555",
        "                                                RETURN TO SENDER",
        "                                                BC: 45419  *3477-09047-44-04",
    ]
    seen = read([*FRONT, *label])
    assert seen["reason"] == "new_address"
    assert seen["forward_address"] == "JANE DOE\n77 HARBOR VIEW DR\nDAYTON OH 45402-5555"
    assert seen["addressee_address"] == "9 OAK LN APT 2\nCOLUMBUS OH 43215-1234"


def test_an_expired_order_without_an_address_is_not_a_new_address() -> None:
    label = ["", "            FORWARD TIME EXP RTN TO SEND", "            RETURN TO SENDER"]
    assert read([*FRONT, *label])["reason"] == "not_deliverable_utf"


def test_an_abbreviation_counts_only_beside_the_frame() -> None:
    assert (
        read([*FRONT, "", "      RETURN TO SENDER", "      ANK"])["reason"] == "attempted_not_known"
    )
    assert read(["ANK Dental", *FRONT[1:], "", "      RETURN TO SENDER"])["reason"] == "unknown"


def test_a_clean_envelope_has_not_come_back() -> None:
    text = page_of([*FRONT, "     JANE DOE", "     9 OAK LN", "     COLUMBUS OH 43215"])
    seen = envelope_marks.marks(PAGE, text)
    assert not seen.returned
    assert envelope_marks.looks_like_envelope(text, seen) > 0.8


def test_a_scanline_in_the_pages_text_is_believed_only_where_no_pixels_were_read() -> None:
    line = scanline(CouponNumbers("5761785244", "8340998825", 5700))
    assert "scanline" not in coupon_codes(PAGE, page_of([line], source="tesseract"), ())
    assert coupon_codes(PAGE, page_of([line]), ())["scanline"].value == line


@pytest.mark.parametrize("seed", [5, 8])
def test_scanned_envelopes_have_nothing_wrong_and_sure(seed: int) -> None:
    right = 0
    for piece in pieces.envelopes(seed, 4):
        picture = piece.pages[0]
        page = Page(0, picture.pixels, picture.dpi)
        text = page_text(page)
        seen = envelope_marks.marks(page, text)
        again = second_look(page, text, seen)
        if again is not None:
            text = again
            seen = replace(
                envelope_marks.marks(page, text, find_imb=False), imb=seen.imb, bars=seen.bars
            )
        assert envelope_marks.looks_like_envelope(text, seen) > 0.8
        fields, _ = envelope.read_returned(page, text, seen, read_barcodes(page.pixels))
        reason, imb = fields["reason"], fields["imb"]
        assert imb is not None
        assert imb.value == piece.truth["imb"]
        right += reason is not None and reason.value == piece.truth["reason"]
        for name, field in fields.items():
            if field is not None and field.confidence >= 0.9:
                assert same(field.value) == same(piece.truth[name]), name
    assert right >= 2


def same(value: object) -> object:
    return (
        "\n".join(" ".join(r.split()) for r in value.split("\n"))
        if isinstance(value, str)
        else value
    )
