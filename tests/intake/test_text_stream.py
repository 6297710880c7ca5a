"""Characters and words read straight from a page's content are those of pdfminer and pdfplumber."""

from __future__ import annotations

import io
from typing import Any

import pdfplumber
import pytest
from pdfplumber.utils.text import extract_words
from reportlab.pdfgen.canvas import Canvas

from bench.remittances.cases import case
from bench.remittances.layouts.design import Layout
from bench.remittances.layouts.every import layouts
from intake.decoders.text_chars import characters
from intake.decoders.text_fonts import OutOfTheOrdinary
from intake.decoders.text_pieces import plain_words
from intake.decoders.text_stream import Char, plain_characters, reads_onward
from intake.decoders.text_words import doubled, runs
from tests.corpus import good


def page_of(content: str, rotate: int = 0) -> bytes:
    """A page with Helvetica as F1 and this content."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, 792), pageCompression=0)
    canvas.setFont("Helvetica", 10)
    canvas.setPageRotation(rotate)
    canvas._code[:] = [content]  # type: ignore[attr-defined]
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def both(data: bytes) -> list[tuple[list[Char], int, list[dict[str, Any]]]]:
    """For each page: what is read here, of how many, and pdfminer's characters."""
    document = pdfplumber.open(io.BytesIO(data))
    return [(*plain_characters(document, page), characters(document, page))
            for page in document.pages]  # fmt: skip


def check_same(data: bytes) -> int:
    """Compares every character and word to the last bit; how many characters there are."""
    total = 0
    for here, count, theirs in both(data):
        assert count == len(theirs)
        shown = [char for char in theirs if reads_onward(char["matrix"])]
        assert [tuple(char[name] for name in Char._fields) for char in shown] == here
        words = [
            (w["text"], w["x0"], w["x1"], w["top"], w["bottom"],
             tuple((c["x0"], c["x1"]) for c in w["chars"] if c["text"].isdigit()))
            for w in extract_words(shown, return_chars=True)
        ]  # fmt: skip
        assert runs(here) == words
        total += count
    check_pieces(data)
    return total


def check_pieces(data: bytes) -> int:
    """Compares words in pieces with those of characters; how many pages have them."""
    document, pages = pdfplumber.open(io.BytesIO(data)), 0
    for page in document.pages:
        chars, count = plain_characters(document, page)
        try:
            found = plain_words(document, page)
        except OutOfTheOrdinary:
            continue
        assert not doubled(chars)
        assert (found.runs, found.shown, found.count) == (runs(chars), len(chars), count)
        pages += 1
    return pages


@pytest.mark.parametrize("layout", layouts("all"), ids=lambda layout: layout.name)
def test_every_layout_reads_as_pdfplumber_has_it(layout: Layout) -> None:
    data = case(41, layout, 0).pdf
    assert check_same(data) > 300
    assert check_pieces(data) >= 1


def test_a_ruled_letter_reads_as_pdfplumber_has_it() -> None:
    assert check_same(good.digital_pdf(2)) > 1000


@pytest.mark.parametrize(
    "content",
    [
        "BT /F1 10 Tf 72 700 Td (Paid) Tj 0 -12 TD (125.00) Tj T* (x) Tj 14 TL (y) ' ET",
        "BT /F1 10 Tf 1 0 0 1 72 700 Tm [(Pa) -120 (id) 30.5 (1\\0562\\(5\\))] TJ ET",
        "BT /F1 10 Tf 2 Tc 5 Tw 80 Tz 3 Ts 72 700 Td (Paid on time) Tj ( more) Tj ET",
        "q .5 0 0 .5 20 30 cm BT /F1 20 Tf 10 10 Td (a (nested) b) Tj ET Q BT 9 9 Td (z) Tj ET",
        "q BT /F1 9 Tf 72 700 Td (in) Tj Q (after) Tj ET",
        "BT /F1 10 Tf <50616964> Tj /Span <</MCID 0>> BDC (more) Tj EMC ET 0 0 m 5 5 l S",
        "BT /F1 10 Tf 1 0 .2 1 72 700 Tm (slanted) Tj 0 1 -1 0 90 90 Tm (up) Tj ET",
        "BT /F1 10 Tf -1 0 0 -1 300 300 Tm (upside down) Tj ET 0 g 1 1 9 9 re f",
        "BT /F1 10 Tf 72 700 Td (same) Tj 0 2.9 Td (line) Tj 0 4 Td (not) Tj ET",
        "",
    ],
)
@pytest.mark.parametrize("rotate", [0, 90])
def test_operators_of_text_act_as_in_pdfminer(content: str, rotate: int) -> None:
    check_same(page_of(content, rotate))


@pytest.mark.parametrize(
    "content",
    [
        "BT /F1 10 Tf 1.2.3 700 Td (x) Tj ET",
        "BT /F1 10 Tf --5 700 Td (x) Tj ET",
        "BT /F1 10 Tf % remark\n(x) Tj ET",
        "BT /F9 10 Tf (x) Tj ET",
        "BT /F1 10 Tf (x) 1 Tj ET",
        "BT /F1 10 Tf (a (b (c))) Tj ET",
        "BT /F1 10 Tf (\\777) Tj ET",
        "BT /F1 10 Tf (x\\qy) Tj ET",
        "BT /F1 10 Tf <506> Tj ET",
        "BT /F1 10 Tf [(x) [(y)]] TJ ET",
        'BT /F1 10 Tf 1 1 (x) " ET',
        "BT /F1 10 Tf -100 Tz (x) Tj ET",
        "BI /W 1 /H 1 /BPC 8 /CS /G ID x EI",
        "/Form1 Do",
        "BT /F1 10 Tf (unclosed Tj ET",
        "1 2 strange",
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_pdfminer(content: str) -> None:
    with pytest.raises(OutOfTheOrdinary):
        both(page_of(content))


def test_white_space_at_the_end_costs_no_time() -> None:
    data = page_of("BT /F1 10 Tf 72 700 Td (x) Tj ET" + " " * 3_000_000)
    assert len(both(data)[0][0]) == 1


@pytest.mark.parametrize(
    "content",
    [
        "BT /F1 10 Tf 72 700 Td (Paid) Tj .3 0 Td (Paid) Tj ET",
        "BT /F1 10 Tf 72 700 Td (Paid) Tj 8 0 Td (over) Tj ET",
        "BT /F1 10 Tf 72 700 Td [(a) 900 (b)] TJ ET",
        "BT /F1 10 Tf 1 0 .2 1 72 700 Tm (slanted) Tj ET",
        "BT /F1 10 Tf -3 700 Td (x) Tj ET",
    ],
)
def test_text_over_text_is_left_to_be_read_by_characters(content: str) -> None:
    assert check_pieces(page_of(content)) == 0


@pytest.mark.parametrize(
    ("content", "coloured"),
    [
        ("0.3 g 0 G BT /F1 10 Tf 72 700 Td (Paid) Tj ET .5 .5 .5 rg 9 9 60 9 re f", False),
        ("1 0 0 rg BT /F1 10 Tf 72 700 Td (Paid) Tj ET", True),
        ("BT /F1 10 Tf 72 700 Td (Paid) Tj ET 0 .1 0 RG 0 0 m 9 9 l S", True),
        ("0 0 0 1 k BT /F1 10 Tf 72 700 Td (Paid) Tj ET", True),
        ("/Pattern cs /P1 scn BT /F1 10 Tf 72 700 Td (Paid) Tj ET", True),
    ],
)
def test_a_page_that_may_show_a_colour_is_told(content: str, *, coloured: bool) -> None:
    document = pdfplumber.open(io.BytesIO(page_of(content)))
    assert plain_words(document, document.pages[0]).coloured is coloured
