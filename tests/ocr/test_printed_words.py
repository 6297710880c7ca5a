"""Printed type is found in lines, read into words with tight boxes, and handwriting is not sure."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from intake.types import Pixels, Word
from ocr.printed_words import found_lines, printed_words
from web.demo.fonts import FOLDER

Placed = tuple[str, int, int, str, int]


def face(family: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FOLDER / f"{family}-latin-400-normal.woff2"), size)


def page(*lines: Placed, size: tuple[int, int] = (900, 300)) -> Pixels:
    """Lines of text, x, y of the left end of the baseline, family and pixels of the em."""
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    for text, x, y, family, em in lines:
        pen.text((x, y), text, 0, face(family, em), anchor="ls")
    return np.asarray(picture, np.uint8)


ADDRESS = (
    ("Marian K. Oswald", 60, 60, "libre-baskerville", 26),
    ("4815 Thornbury Lane", 60, 86, "roboto", 22),
    ("Galesburg, IL 61401", 60, 110, "courier-prime", 26),
    ("1078", 800, 60, "roboto", 28),
    ("PAY TO THE", 60, 190, "roboto", 17),
    ("ORDER OF", 60, 209, "roboto", 17),
    ("$", 700, 205, "libre-baskerville", 34),
)


def test_words_of_type_are_read_with_the_boxes_of_their_ink() -> None:
    picture = page(*ADDRESS)
    words = printed_words(picture)
    expected = [word for text, *_ in ADDRESS for word in text.split()]
    read = [word.text for word in words]
    assert sum(word in read for word in expected) >= len(expected) - 1
    for word in words:
        x, y, width, height = word.box
        part = picture[y : y + height, x : x + width] < 160
        assert part[0].any()
        assert part[-1].any()
        assert part[:, 0].any()
        assert part[:, -1].any()


def test_what_is_right_is_mostly_sure() -> None:
    sure = {word.text: word.confidence for word in printed_words(page(*ADDRESS))}
    assert np.mean([sure.get(text, 0.0) for text in ("1078", "ORDER", "Lane", "61401")]) > 0.8


def test_columns_and_lines_stay_apart() -> None:
    dark = (page(*ADDRESS) < 160).astype(np.uint8)
    _, lines = found_lines(dark)
    assert len(lines) == len(ADDRESS)


def test_a_small_label_and_tall_writing_beside_it_are_two_lines() -> None:
    small, tall = ("DATE", 60, 100, "roboto", 17), ("Nov", 112, 100, "roboto", 50)
    _, lines = found_lines((page(small, tall) < 160).astype(np.uint8))
    assert len(lines) == 2


@pytest.mark.parametrize("shade", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (300, 3), (200, 400)])
def test_pictures_without_type_give_no_words(shade: int, shape: tuple[int, int]) -> None:
    assert all(isinstance(word, Word) for word in printed_words(np.full(shape, shade, np.uint8)))
    if shade == 255:
        assert printed_words(np.full(shape, shade, np.uint8)) == ()


def test_the_same_picture_reads_the_same() -> None:
    assert printed_words(page(*ADDRESS)) == printed_words(page(*ADDRESS))
