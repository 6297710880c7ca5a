"""PDF pages that mislead: turned, cropped, filled, hidden, doubled and damaged ones."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from intake.decode import decode
from intake.decoders.inflate import check_streams
from intake.limits import Limits
from intake.pixels import decode_image
from intake.types import DecodedPage
from records.errors import UnreadableError
from tests.corpus import good, hostile


def drawn(draw: object, **options: object) -> DecodedPage:
    """The page that ``draw`` draws on a letter-size canvas."""
    assert callable(draw)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, 792), **options)  # type: ignore[arg-type]
    draw(canvas)
    canvas.showPage()
    canvas.save()
    (page,) = decode(out.getvalue(), "x.pdf").pages
    return page


def texts(page: DecodedPage) -> list[str]:
    return [word.text for word in page.words]


def changed(turn: int = 0, crop: tuple[int, int, int, int] | None = None) -> bytes:
    document = pypdfium2.PdfDocument(good.digital_pdf(1))
    page = document[0]
    page.set_rotation(turn)
    if crop:
        page.set_cropbox(*crop)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_words_lie_on_their_ink_on_a_cropped_page() -> None:
    (page,) = decode(changed(crop=(36, 50, 600, 780)), "x.pdf").pages
    pixels = decode_image(page.encoded)
    assert len(page.words) == 204
    for word in page.words:
        x, y, width, height = word.box
        assert pixels[y : y + height, x : x + width].min() < 128


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_text_shown_lying_or_upside_down_is_left_to_the_pixels(turn: int) -> None:
    (page,) = decode(changed(turn), "x.pdf").pages
    assert page.words == ()


def test_a_page_that_is_turned_to_be_read_has_words() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, 792))
    canvas.translate(612, 0)
    canvas.rotate(90)
    canvas.drawString(100, 300, "Amount paid 125.00")
    canvas.save()
    document = pypdfium2.PdfDocument(out.getvalue())
    document[0].set_rotation(90)
    turned = io.BytesIO()
    document.save(turned)
    (page,) = decode(turned.getvalue(), "x.pdf").pages
    assert page.width > page.height
    assert texts(page) == ["Amount", "paid", "125.00"]


def test_a_form_is_drawn_and_read_by_its_pixels() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Amount")
        canvas.acroForm.textfield(name="a", value="125.00", x=150, y=690, width=120, height=24)

    page = drawn(draw)
    assert page.words == ()
    field = decode_image(page.encoded)[190:280, 430:740]
    assert field.min() < 128


def test_a_pdf_that_opens_without_a_password_is_read() -> None:
    page = drawn(
        lambda canvas: canvas.drawString(72, 700, "Remittance 125.00"),
        encrypt=StandardEncryption("", "owner", canPrint=0),
    )
    assert texts(page) == ["Remittance", "125.00"]


def test_bold_that_was_printed_twice_reads_once() -> None:
    def draw(canvas: Canvas) -> None:
        for shift in (0, 0.3):
            canvas.drawString(72 + shift, 700, "Total 125.00")

    assert texts(drawn(draw)) == ["Total", "125.00"]


@pytest.mark.parametrize("over", ["88124", "77456", "8"])
@pytest.mark.parametrize("whited", [True, False])
def test_a_number_typed_over_another_is_not_taken_for_a_word(over: str, *, whited: bool) -> None:
    def draw(canvas: Canvas) -> None:
        for line in range(20):
            canvas.drawString(72, 600 - 15 * line, "CLAIM 99211")
        canvas.drawString(72, 700, "Check Number: 88123")
        left = 72 + canvas.stringWidth("Check Number: ", canvas._fontname, canvas._fontsize)
        if whited:
            canvas.setFillGray(1)
            canvas.rect(left - 1, 695, 60, 20, stroke=0, fill=1)
            canvas.setFillGray(0)
        for place, figure in enumerate(over):
            canvas.drawString(left + 1.5 + 6.7 * place, 700, figure)

    found = texts(drawn(draw))
    assert found[:2] == ["Check", "Number:"]
    assert set(found[2:]) == {"CLAIM", "99211"}


@pytest.mark.parametrize("white", [True, False])
def test_text_without_ink_is_not_taken_for_words(white: bool) -> None:
    def draw(canvas: Canvas) -> None:
        for line in range(20):
            canvas.drawString(72, 700 - 15 * line, "CLAIM 99213")
        canvas.setFillGray(1)
        if white:
            canvas.drawString(72, 200, "Paid 9,999.00")
        else:
            canvas.rect(300, 690, 200, 30, stroke=0, fill=1)

    found = texts(drawn(draw))
    assert "9,999.00" not in found
    assert found.count("99213") == 20


@pytest.mark.parametrize("hide", ["white", "covered"])
def test_a_number_of_which_a_figure_has_no_ink_is_not_taken_for_a_word(hide: str) -> None:
    def draw(canvas: Canvas) -> None:
        for line in range(20):
            canvas.drawString(72, 700 - 15 * line, "CLAIM 99211 150.00")
        canvas.drawRightString(300, 200, "50.00" if hide == "white" else "150.00")
        width = canvas.stringWidth("50.00", canvas._fontname, canvas._fontsize)
        canvas.setFillGray(1)
        if hide == "white":
            canvas.drawRightString(300 - width, 200, "1")
        else:
            canvas.rect(280 - width, 190, 20, 30, stroke=0, fill=1)

    found = texts(drawn(draw))
    assert found.count("150.00") == 20
    assert len(found) == 60


def test_a_photographed_scan_that_lost_its_end_is_not_read_as_whole() -> None:
    data = bytearray(good.scanned_pdf([good.text_page(1, "L")]))
    start, end = data.find(b"stream") + 7, data.find(b"endstream")
    middle = (start + end) // 2
    data[middle : end - 1] = bytes(end - 1 - middle)
    with pytest.raises(UnreadableError) as caught:
        decode(bytes(data), "x.pdf")
    assert caught.value.code == "truncated_file"


def test_a_scan_with_a_fax_header_is_still_a_scan() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawInlineImage(good.text_page(1, "L"), 0, 0, 612, 792)
        canvas.drawString(20, 780, "FROM 555-0100 PAGE 1 OF 2")

    page = drawn(draw)
    assert page.words == ()
    assert page.dpi == 200


def test_ordinary_streams_pass_the_bomb_check_and_nested_zeros_do_not() -> None:
    limits = Limits(max_inflated_bytes=1 << 20)
    check_streams(good.digital_pdf(5), limits)
    check_streams(good.scanned_pdf([good.text_page(1)]), limits)
    with pytest.raises(UnreadableError):
        check_streams(hostile.nested_bomb(), limits)
